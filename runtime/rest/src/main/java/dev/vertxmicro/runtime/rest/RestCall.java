// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.PooledExchange;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One call: one request, one answer.
 *
 * <pre>
 * WAITING ---> SENT ---> DONE      the connection goes back to its pool, or is cut
 *    |--> ELSEWHERE ---> DONE      another event loop has the connections
 *    '-----------------> DONE      refused, cancelled or failed before it left
 * </pre>
 *
 * <p>All fields belong to the event loop. Made by {@link RestLoop}; taken through {@link RestPool}
 * to a {@link RestConnection}.
 */
final class RestCall
    implements Exchange, PooledExchange<RestConnection, RestPool>, RestConnection.User {

  private enum State {
    WAITING,
    ELSEWHERE,
    SENT,
    DONE
  }

  private final RestLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Message request;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable RestPool pool;
  private @Nullable RequestHead requestHead;
  private @Nullable RestConnection connection;
  private @Nullable HoppedExchange elsewhere;
  private Phase waitingFor = Phase.QUEUE;
  private boolean sent;
  private boolean written;
  private boolean unwritten;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  // the answer
  private @Nullable ResponseHead head;
  private final ReplyBody body;

  RestCall(
      RestLoop loop,
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
    this.body = new ReplyBody(options.maxReplyBytes());
    this.startedNanos = loop.nanoTime();
  }

  // ---- for the caller

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
        fail(Refusals.cancelled(Processed.NOT_SENT));
      }
      case SENT -> giveUp();
    }
  }

  /** Cuts first: what was held back by a server that does not read then proves not to have left. */
  private void giveUp() {
    finish();
    cut();
    tell(Refusals.cancelled(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
  }

  @Override
  public boolean isSent() {
    return (sent && !unwritten) || (elsewhere != null && elsewhere.isSent());
  }

  @Override
  public PhaseTimes times() {
    if (elsewhere != null) {
      return elsewhere.times();
    }
    long now = state == State.DONE ? endedNanos : loop.nanoTime();
    if (!sent) {
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

  // ---- for the pool

  @Override
  public long startedNanos() {
    return startedNanos;
  }

  @Override
  public SendOptions options() {
    return options;
  }

  @Override
  public void waitFor(Phase phase) {
    waitingFor = phase;
  }

  /** Enters the pool; the call is then in its queue, sent, or failed. */
  void start(RestPool entered, RequestHead written) {
    pool = entered;
    requestHead = written;
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else {
      entered.acquire(this);
    }
  }

  /** {@inheritDoc} This call then only passes on. */
  @Override
  public void handOver(RestPool owner) {
    if (gate != null && !gate.pass(loop.nanoTime())) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    state = State.ELSEWHERE;
    HoppedExchange hopped = owner.loop().hop(caller, owner.node(), request, deadline, options);
    elsewhere = hopped;
    hopped.reply().onComplete(this::repliedElsewhere);
  }

  private void repliedElsewhere(AsyncResult<Message> reply) {
    state = State.DONE;
    endedNanos = loop.nanoTime();
    promise.handle(reply);
  }

  // ---- steps, in order

  /** Sends the request on a connection that nobody uses. */
  @Override
  public void send(RestConnection granted) {
    connection = granted;
    grantedNanos = loop.nanoTime();
    RequestHead ahead = requestHead;
    if (deadline.remainingNanos() <= 0 || ahead == null) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    sent = true;
    state = State.SENT;
    loop.observer().streamOpened(RestTransport.PROTOCOL);
    granted
        .begin(this, ahead.line().isHead(), ahead.with(request.body()))
        .onComplete(this::written);
  }

  private void written(AsyncResult<Void> result) {
    if (result.succeeded()) {
      written = true;
      writtenNanos = loop.nanoTime();
      return;
    }
    // Of a body a part may have left.
    unwritten = request.body().length() == 0;
    if (state == State.SENT && connection != null && head == null) {
      fail(notWritten(connection, result.cause()));
    }
  }

  private RpcException notWritten(RestConnection on, @Nullable Throwable cause) {
    return Failures.notWritten(on.pool().address(), request.body().length() > 0, cause);
  }

  @Override
  public void head(ResponseHead come) {
    head = come;
    take(() -> body.begin(come));
  }

  @Override
  public void body(Buffer piece) {
    take(() -> body.add(piece));
  }

  private void take(Runnable part) {
    try {
      part.run();
    } catch (FramingException tooLarge) {
      unreadable(tooLarge);
    }
  }

  @Override
  public void end(Metadata trailers, boolean reusable) {
    RestConnection on = connection;
    ResponseHead come = head;
    if (on == null || come == null || state != State.SENT) {
      return;
    }
    finish();
    if (written) {
      connection = null;
      on.end(reusable);
    } else {
      cut();
    }
    Metadata metadata = RequestHead.read(come.headers());
    if (come.isSuccess()) {
      Message reply =
          Message.reply()
              .contentType(come.contentType())
              .headers(metadata)
              .trailers(trailers.isEmpty() ? trailers : RequestHead.read(trailers))
              .body(reply(come))
              .build();
      EventLoops.dispatch(caller, () -> promise.complete(reply));
    } else {
      tell(Failures.status(come, metadata, body.bytes()));
    }
  }

  private Buffer reply(ResponseHead come) {
    Buffer all = body.bytes();
    if (all.length() > 0 || (come.status() != 202 && come.status() != 204)) {
      return all;
    }
    String instead = request.headers().get(RestRequest.EMPTY_REPLY);
    return instead == null ? all : Buffer.buffer(instead);
  }

  @Override
  public void unreadable(FramingException misfit) {
    if (connection != null) {
      fail(Failures.unreadable(connection.pool().address(), head, misfit));
    }
  }

  @Override
  public void gone() {}

  @Override
  public void lost(@Nullable Throwable cause) {
    RestConnection on = connection;
    if (on != null) {
      boolean left = written || head != null;
      fail(left ? Failures.lost(on.pool().address(), head, cause) : notWritten(on, cause));
    }
  }

  @Override
  public void aborted() {
    if (state == State.SENT) {
      finish();
      cut();
      tell(Failures.aborted(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
    }
  }

  // ---- the end

  /** Ends the call with a failure, wherever it is. */
  @Override
  public void fail(RpcException failure) {
    if (state != State.DONE) {
      finish();
      cut();
      tell(failure);
    }
  }

  private void finish() {
    boolean open = state == State.SENT;
    state = State.DONE;
    endedNanos = loop.nanoTime();
    if (open) {
      loop.observer().streamClosed(RestTransport.PROTOCOL);
    }
  }

  /** Gives the connection back: unharmed if nothing was sent on it. */
  private void cut() {
    RestConnection on = connection;
    connection = null;
    if (on != null && sent) {
      on.cut();
    } else if (on != null) {
      on.end(true);
    }
  }

  private void tell(RpcException failure) {
    RpcException told = failure.toBuilder().times(times()).build();
    EventLoops.dispatch(caller, () -> promise.fail(told));
  }
}
