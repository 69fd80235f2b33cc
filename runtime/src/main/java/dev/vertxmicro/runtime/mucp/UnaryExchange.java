// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
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
 * One unary call: one POST, one answer.
 *
 * <pre>
 * WAITING ---> SENT ---> DONE      the connection goes back to its pool, or is cut
 *    |--> ELSEWHERE ---> DONE      another event loop has the connections
 *    '-----------------> DONE      refused, cancelled or failed before it left
 * </pre>
 *
 * <p>What a failure says of the server: a request that was not written whole is NOT_SENT, since it
 * says how long it is and no server takes a part for it. One that was written and has no answer is
 * UNKNOWN, also on a connection that the server may have closed before: that cannot be told from
 * one that it closed after it had read. A whole answer is YES.
 *
 * <p>All fields belong to the event loop. Made by {@link MucpLoop}; taken through {@link
 * ConnectionPool} to a {@link MucpConnection}.
 */
final class UnaryExchange implements Exchange, PooledExchange<MucpConnection, ConnectionPool> {

  private enum State {
    WAITING,
    ELSEWHERE,
    SENT,
    DONE
  }

  private final MucpLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Message request;
  private final WireType type;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable ConnectionPool pool;
  private @Nullable MucpConnection connection;
  private @Nullable HoppedExchange elsewhere;
  private Phase waitingFor = Phase.QUEUE;
  private boolean sent;
  private boolean written;
  private boolean unwritten;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  UnaryExchange(
      MucpLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      WireType type,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.request = request;
    this.type = type;
    this.deadline = deadline;
    this.options = options;
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

  /** Enters the pool; the exchange is then in its queue, sent, or failed. */
  void start(ConnectionPool entered) {
    pool = entered;
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else {
      entered.acquire(this);
    }
  }

  /** {@inheritDoc} This exchange then only passes on. */
  @Override
  public void handOver(ConnectionPool owner) {
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
  public void send(MucpConnection granted) {
    connection = granted;
    grantedNanos = loop.nanoTime();
    long remaining = deadline.remainingNanos();
    if (remaining <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    long id = loop.nextId();
    String method = MucpHeaders.method(request.endpoint());
    Buffer body = type.envelope().wrap(id, method, request.body());
    String stream = loop.options().isStreamIdOnCalls() ? Long.toString(id) : null;
    Buffer head =
        MucpHeaders.head(
            request,
            type,
            granted.pool().host(),
            loop.options().getUserAgent(),
            id,
            remaining,
            body.length(),
            stream,
            null);
    if (head.length() > loop.options().getMaxHeaderBytes()) {
      fail(Refusals.headTooLarge(head.length(), loop.options().getMaxHeaderBytes()));
      return;
    }
    sent = true;
    state = State.SENT;
    loop.observer().streamOpened(MucpTransport.PROTOCOL);
    granted.send(this, request.headers(), head.appendBuffer(body));
  }

  /** The request has left, or has not. */
  void written(AsyncResult<Void> result) {
    if (result.succeeded()) {
      written = true;
      writtenNanos = loop.nanoTime();
      return;
    }
    unwritten = true;
    if (state == State.SENT && connection != null) {
      fail(Failures.notWritten(connection.pool().address(), result.cause()));
    }
  }

  int mostReplyBytes() {
    return options.maxReplyBytes();
  }

  /** The answer is there, perhaps before the whole request has left. */
  void answered(HttpAnswer answer) {
    MucpConnection on = connection;
    if (on == null || state != State.SENT) {
      return;
    }
    Message reply = null;
    RpcException failure = null;
    try {
      reply = Replies.read(answer, type, on.firstHeaders());
    } catch (RpcException refused) {
      failure = refused;
    }
    finish();
    if (written) {
      connection = null;
      on.end(answer.reusable());
    } else {
      cut();
    }
    if (failure != null) {
      tell(failure);
    } else {
      Message read = reply;
      EventLoops.dispatch(caller, () -> promise.complete(read));
    }
  }

  /** What came is no answer. */
  void unreadable(FramingException misfit, boolean saidOk) {
    if (connection != null) {
      fail(Failures.unreadable(connection.pool().address(), misfit, saidOk));
    }
  }

  /** The connection is gone. */
  void lost(@Nullable Throwable cause) {
    if (connection != null) {
      String address = connection.pool().address();
      fail(written ? Failures.lost(address, cause) : Failures.notWritten(address, cause));
    }
  }

  /** The transport closes and does not wait. */
  void aborted() {
    if (state == State.SENT) {
      finish();
      cut();
      tell(Failures.aborted(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
    }
  }

  // ---- the end

  /** Ends the exchange with a failure, wherever it is. */
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
      loop.observer().streamClosed(MucpTransport.PROTOCOL);
    }
  }

  /** Gives the connection back: unharmed if nothing was sent on it. */
  private void cut() {
    MucpConnection on = connection;
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
