// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One call.
 *
 * <pre>
 * WAITING ---> SENT ---> DONE
 *    '-----------------> DONE      refused, cancelled or failed before it left
 * </pre>
 *
 * <p>What a failure says of the node: a request that was not written whole is NOT_SENT, since no
 * part of a message is one. One that was written and has no reply is UNKNOWN, any reply is YES.
 *
 * <p>All fields belong to the event loop of its node. Made by {@link WebSocketLoop}; goes through
 * {@link ClusterLink} to a {@link ClusterConnection}.
 */
final class WebSocketExchange extends Departure implements Exchange, Waiting, Awaiting {

  private enum State {
    WAITING,
    SENT,
    DONE
  }

  private static final String JSON = "application/json";

  private final WebSocketLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final String node;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable RequestText request;
  private @Nullable ClusterLink link;
  private @Nullable ClusterConnection connection;
  private Phase waitingFor = Phase.CONNECT;
  private long id;
  private boolean sent;
  private boolean written;
  private boolean unwritten;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  WebSocketExchange(
      WebSocketLoop loop,
      Context caller,
      @Nullable SendGate gate,
      String node,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.node = node;
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
      case WAITING -> {
        if (link != null) {
          link.leaveQueue(this);
        }
        fail(Refusals.cancelled(Processed.NOT_SENT));
      }
      case SENT -> fail(Refusals.cancelled(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
    }
  }

  @Override
  public boolean isSent() {
    return sent && !unwritten;
  }

  @Override
  public PhaseTimes times() {
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

  // ---- for the link

  @Override
  public SendOptions options() {
    return options;
  }

  @Override
  public int bytes() {
    return request == null ? 0 : request.bytes();
  }

  /** Enters the link; the call is then in its queue, sent, or failed. */
  void start(ClusterLink entered, RequestText text) {
    request = text;
    link = entered;
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else {
      entered.acquire(this);
    }
  }

  @Override
  public void waitFor(Phase phase) {
    waitingFor = phase;
  }

  @Override
  public void send(ClusterConnection granted) {
    RequestText text = request;
    grantedNanos = loop.nanoTime();
    if (text == null || deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    connection = granted;
    sent = true;
    state = State.SENT;
    id = granted.nextId();
    loop.observer().streamOpened(WebSocketTransport.PROTOCOL);
    granted.expect(id, this);
    granted.write(text, id, this);
  }

  @Override
  public void left(@Nullable Throwable failure) {
    if (failure == null) {
      written = true;
      writtenNanos = loop.nanoTime();
    } else {
      unwritten = true;
      EventLoops.execute(loop.context(), () -> unwritten(failure));
    }
  }

  private void unwritten(Throwable why) {
    if (state == State.SENT && connection != null) {
      fail(Failures.lost(connection.address(), why).failure(false));
    }
  }

  // ---- for the connection

  @Override
  public void replied(Envelope reply) {
    String error = reply.error();
    int length = reply.body().length();
    if (error != null) {
      fail(Failures.remote(node, error));
    } else if (length > options.maxReplyBytes()) {
      loop.observer().limitReached("replyBytes");
      fail(Failures.replyTooLarge(length, options.maxReplyBytes()));
    } else {
      finish();
      Message message = Message.reply().contentType(JSON).body(reply.body()).build();
      EventLoops.dispatch(caller, () -> promise.complete(message));
    }
  }

  @Override
  public void lost(Loss loss) {
    fail(loss.failure(written));
  }

  // ---- the end

  /** Ends the call with a failure, wherever it is. */
  @Override
  public void fail(RpcException failure) {
    if (state == State.DONE) {
      return;
    }
    finish();
    RpcException told = failure.toBuilder().times(times()).build();
    EventLoops.dispatch(caller, () -> promise.fail(told));
  }

  private void finish() {
    boolean open = state == State.SENT;
    state = State.DONE;
    endedNanos = loop.nanoTime();
    request = null;
    if (open) {
      if (connection != null) {
        connection.forget(id);
      }
      loop.observer().streamClosed(WebSocketTransport.PROTOCOL);
    }
  }
}
