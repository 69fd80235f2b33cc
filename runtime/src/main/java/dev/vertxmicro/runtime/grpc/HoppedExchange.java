// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One unary call for a caller who is not on the event loop that sends it: a worker, a virtual
 * thread, or an event loop that has no connection of its own to a node whose pool is used up. One
 * hop there, one hop back.
 *
 * <p>The caller's cancel takes effect at once; what both sides must agree on, whether the request
 * has left, is decided by the {@link SendGate}.
 */
final class HoppedExchange implements Exchange {

  private final GrpcLoop loop;
  private final Context caller;
  private final Node node;
  private final Message request;
  private final Deadline deadline;
  private final SendOptions options;
  private final SendGate gate = new SendGate();
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  // the caller's context only
  private @Nullable PhaseTimes ended;

  // the event loop only
  private @Nullable UnaryExchange there;

  HoppedExchange(
      GrpcLoop loop,
      Context caller,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.node = node;
    this.request = request;
    this.deadline = deadline;
    this.options = options;
    this.startedNanos = loop.nanoTime();
  }

  /** Hops to the event loop. */
  void start() {
    loop.context().runOnContext(v -> sendThere());
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    if (ended != null) {
      return;
    }
    ended = times();
    Processed processed = gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN;
    promise.tryFail(Failures.cancelled(processed).toBuilder().times(ended).build());
    loop.context().runOnContext(v -> cancelThere());
  }

  /** True while the exchange runs: the event loop may send at any moment. */
  @Override
  public boolean isSent() {
    return ended == null || gate.isPassed();
  }

  @Override
  public PhaseTimes times() {
    if (ended != null) {
      return ended;
    }
    long now = loop.nanoTime();
    if (!gate.isPassed()) {
      return PhaseTimes.NONE.plus(Phase.QUEUE, now - startedNanos);
    }
    long sent = gate.passedNanos();
    return PhaseTimes.NONE.plus(Phase.QUEUE, sent - startedNanos).plus(Phase.WAIT, now - sent);
  }

  private void sendThere() {
    if (!gate.isShut()) {
      UnaryExchange sent = loop.send(loop.context(), gate, node, request, deadline, options);
      there = sent;
      sent.reply().onComplete(reply -> repliedThere(reply, sent.times()));
    }
  }

  private void cancelThere() {
    if (there != null) {
      there.cancel();
    }
  }

  private void repliedThere(AsyncResult<Message> reply, PhaseTimes times) {
    caller.runOnContext(v -> replied(reply, times));
  }

  private void replied(AsyncResult<Message> reply, PhaseTimes times) {
    if (ended == null) {
      ended = times;
      promise.handle(reply);
    }
  }
}
