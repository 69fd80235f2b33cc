// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * One unary call on one HTTP/2 stream, for a caller on the event loop of the connection.
 *
 * <pre>
 * WAITING --> SENT --> DONE            the usual way
 *    |          '----> LOST --> DONE   the stream failed, and one tick tells what it means
 *    |--> ELSEWHERE --> DONE           another event loop has the connections
 *    '--------------------> DONE       refused, cancelled or failed before it left
 * </pre>
 *
 * <p>The outcome is decided here, not read from exceptions of the stream: after DONE whatever the
 * stream still reports only says that its place is free again. All fields belong to the event loop.
 *
 * <p>Made by {@link GrpcLoop}; taken through {@link ConnectionPool} to a {@link Connection}.
 */
final class UnaryExchange implements Exchange {

  private enum State {
    WAITING,
    ELSEWHERE,
    SENT,
    LOST,
    DONE
  }

  private static final long CANCEL = 8;
  private static final int FOREIGN_BODY_BYTES = 64 * 1024;

  private final GrpcLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Message request;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable ConnectionPool pool;
  private @Nullable RequestOptions path;
  private String subtype = "";
  private @Nullable Connection connection;
  private @Nullable HttpClientRequest http;
  private @Nullable ReplyBody body;
  private @Nullable HoppedExchange elsewhere;
  private Phase waitingFor = Phase.QUEUE;
  private int foreignBytes;
  private boolean written;
  private boolean unwritten;
  private boolean headSeen;
  private boolean replied;
  private boolean streamOver;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  /** Links of the pool's queue, which alone touches them. */
  @Nullable UnaryExchange previous;

  @Nullable UnaryExchange next;

  UnaryExchange(
      GrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.request = request;
    this.deadline = deadline;
    this.options = options;
    this.startedNanos = loop.nanoTime();
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    switch (state) {
      case DONE -> {}
      case ELSEWHERE -> {
        if (elsewhere != null) {
          elsewhere.cancel();
        }
      }
      case WAITING -> {
        if (pool != null) {
          pool.leaveQueue(this);
        }
        fail(Failures.cancelled(Processed.NOT_SENT));
      }
      case SENT, LOST -> giveUp();
    }
  }

  @Override
  public boolean isSent() {
    return (http != null && !unwritten) || (elsewhere != null && elsewhere.isSent());
  }

  @Override
  public PhaseTimes times() {
    long now = state == State.DONE ? endedNanos : loop.nanoTime();
    if (elsewhere != null) {
      return elsewhere.times();
    }
    if (connection == null) {
      return PhaseTimes.NONE.plus(waitingFor, now - startedNanos);
    }
    PhaseTimes waited = PhaseTimes.NONE.plus(waitingFor, grantedNanos - startedNanos);
    if (!written) {
      return waited.plus(Phase.SEND, now - grantedNanos);
    }
    return waited
        .plus(Phase.SEND, writtenNanos - grantedNanos)
        .plus(Phase.WAIT, now - writtenNanos);
  }

  long startedNanos() {
    return startedNanos;
  }

  /** Returns the context on which everything of this exchange is reported. */
  Context caller() {
    return caller;
  }

  SendOptions options() {
    return options;
  }

  // steps, in order

  /** Enters the pool; the exchange is then in its queue, sent, or failed. */
  void start(ConnectionPool pool, RequestOptions path, String subtype) {
    this.pool = pool;
    this.path = path;
    this.subtype = subtype;
    if (deadline.remainingNanos() <= 0) {
      fail(Failures.tooLate());
    } else {
      pool.acquire(this);
    }
  }

  /** Says what the exchange waits for in the queue. */
  void waitFor(Phase phase) {
    waitingFor = phase;
  }

  /** Moves to the event loop of {@code owner}; this exchange then only passes on. */
  void handOver(ConnectionPool owner) {
    if (gate != null && !gate.pass(loop.nanoTime())) {
      fail(Failures.cancelled(Processed.NOT_SENT));
      return;
    }
    state = State.ELSEWHERE;
    HoppedExchange hopped =
        new HoppedExchange(owner.loop(), caller, owner.node(), request, deadline, options);
    elsewhere = hopped;
    hopped.start();
    hopped.reply().onComplete(this::repliedElsewhere);
  }

  private void repliedElsewhere(AsyncResult<Message> reply) {
    state = State.DONE;
    endedNanos = loop.nanoTime();
    promise.handle(reply);
  }

  /**
   * Sends the request on a connection that has room. Runs as the caller's context, since Vert.x
   * reports what happens to a stream on the context that asked for it.
   */
  void send(Connection granted) {
    connection = granted;
    grantedNanos = loop.nanoTime();
    long remaining = deadline.remainingNanos();
    if (remaining <= 0) {
      fail(Failures.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Failures.cancelled(Processed.NOT_SENT));
      return;
    }
    HttpClientRequest taken = path == null ? null : granted.request(path);
    if (taken == null) {
      granted.retire();
      fail(Failures.notWritten(granted.address(), new IllegalStateException("no stream")));
      return;
    }
    http = taken;
    state = State.SENT;
    try {
      GrpcHeaders.addTo(
          taken.headers(),
          subtype,
          request.contentType(),
          loop.userAgent(),
          remaining,
          options.previousAttempts(),
          request.headers());
      taken.exceptionHandler(this::failed).setChunked(true).response().onComplete(this::head);
      if (GrpcHeaders.fit(request.headers(), granted.maxHeaderListBytes())) {
        taken.end(MessageFrame.of(request.body())).onComplete(this::written);
      } else {
        // Vert.x ends the whole connection if a message follows a head that could not be written.
        taken.sendHead().onComplete(sent -> headSent(taken, sent));
      }
    } catch (RuntimeException refused) {
      granted.retire();
      fail(Failures.notWritten(granted.address(), refused));
    }
  }

  private void headSent(HttpClientRequest taken, AsyncResult<Void> result) {
    if (result.failed()) {
      written(result);
    } else if (state == State.SENT && !streamOver) {
      taken.end(MessageFrame.of(request.body())).onComplete(this::written);
    }
  }

  private void written(AsyncResult<Void> result) {
    if (result.succeeded()) {
      written = true;
      writtenNanos = loop.nanoTime();
    } else {
      unwritten = true;
      failed(result.cause());
    }
  }

  private void head(AsyncResult<HttpClientResponse> head) {
    HttpClientResponse received = head.result();
    if (received == null) {
      failed(head.cause());
      return;
    }
    headSeen = true;
    received.exceptionHandler(this::failed);
    if (state == State.DONE) {
      return;
    }
    if (ContentSubtype.isGrpc(received.headers().get(GrpcHeaders.CONTENT_TYPE))) {
      body = new ReplyBody(options.maxReplyBytes());
      received.handler(this::chunk);
    } else {
      received.handler(chunk -> foreignChunk(received, chunk));
    }
    received.endHandler(end -> ended(received));
  }

  private void chunk(Buffer chunk) {
    if (state == State.DONE || body == null) {
      return;
    }
    try {
      body.add(chunk);
    } catch (RpcException refused) {
      fail(refused);
    }
  }

  /** Reads past the body of an answer that is not gRPC, up to a bound: its head says it all. */
  private void foreignChunk(HttpClientResponse received, Buffer chunk) {
    foreignBytes += chunk.length();
    if (foreignBytes > FOREIGN_BODY_BYTES && state != State.DONE) {
      fail(ReplyStatus.foreign(received, ", more than " + FOREIGN_BODY_BYTES + " bytes").build());
    }
  }

  private void ended(HttpClientResponse received) {
    replied = true;
    if (state == State.DONE) {
      return;
    }
    Message reply;
    try {
      RpcException failure = ReplyStatus.failure(received);
      if (failure != null) {
        fail(failure);
        return;
      }
      reply = message(received);
    } catch (RuntimeException broken) {
      fail(RpcException.from(broken));
      return;
    }
    finish();
    promise.complete(reply);
  }

  private Message message(HttpClientResponse received) {
    ReplyBody whole = body == null ? new ReplyBody(0) : body;
    String contentType = received.headers().get(GrpcHeaders.CONTENT_TYPE);
    return Message.reply()
        .contentType(
            ContentSubtype.ofReply(contentType == null ? "" : contentType, request.contentType()))
        .headers(GrpcHeaders.read(received.headers()))
        .trailers(GrpcHeaders.read(received.trailers()))
        .body(whole.message(received.headers().get(GrpcHeaders.ENCODING)))
        .build();
  }

  /** The stream, or the connection under it, reports that it is over. */
  private void failed(Throwable cause) {
    Connection on = connection;
    if (on == null || state == State.LOST) {
      return;
    }
    streamOver = true;
    if (state == State.DONE) {
      on.pool().streamIsFree();
      return;
    }
    if (Failures.endsConnection(cause, written)) {
      on.retire();
    }
    if (!written) {
      fail(Failures.notWritten(on.address(), cause));
    } else if (Failures.isRefusedStream(cause) && !headSeen) {
      on.resetByPeer(loop.nanoTime());
      fail(Failures.lost(on.address(), Processed.REFUSED, cause));
    } else if (on.isBeyondGoAway(streamId())) {
      fail(Failures.lost(on.address(), Processed.REFUSED, cause));
    } else if (cause instanceof HttpClosedException && on.isGoingAway()) {
      // Of two GOAWAY frames Vert.x reports the first only. If the stream ended while the
      // connection lives on, the second has excluded it.
      state = State.LOST;
      caller.runOnContext(v -> lost(on, cause));
    } else {
      fail(Failures.lost(on.address(), Processed.UNKNOWN, on.lossReason(cause)));
    }
  }

  private void lost(Connection on, Throwable cause) {
    Processed processed = on.isClosed() ? Processed.UNKNOWN : Processed.REFUSED;
    fail(Failures.lost(on.address(), processed, cause));
  }

  private int streamId() {
    return http == null ? 0 : http.streamId();
  }

  /**
   * Ends the exchange with a failure, wherever it is; the pool calls it as the caller's context.
   */
  void fail(RpcException failure) {
    if (state == State.DONE) {
      return;
    }
    finish();
    promise.fail(failure.toBuilder().times(times()).build());
  }

  /**
   * Ends the exchange for a caller who no longer waits. The stream is reset first: if flow control
   * held a part of the message back, that part fails now and proves that nothing whole has left.
   */
  private void giveUp() {
    finish();
    Processed processed = isSent() ? Processed.UNKNOWN : Processed.NOT_SENT;
    promise.fail(Failures.cancelled(processed).toBuilder().times(times()).build());
  }

  /** Decides that it is over; then cleans the wire if the stream is still open on either side. */
  private void finish() {
    state = State.DONE;
    endedNanos = loop.nanoTime();
    Connection on = connection;
    if (on == null) {
      return;
    }
    if (http != null && !streamOver && !(written && replied)) {
      http.reset(CANCEL);
      on.resetByUs(endedNanos);
    }
    on.end(endedNanos);
  }
}
