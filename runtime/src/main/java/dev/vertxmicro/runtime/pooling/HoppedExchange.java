// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.transport.Exchange;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One unary call for a caller who is not on the event loop that sends it: a worker, a virtual
 * thread, or an event loop that has no connection of its own to a node whose pool is used up. One
 * hop there, one hop back.
 *
 * <p>The caller's cancel takes effect at once; what both sides must agree on, whether the request
 * has left, is decided by the {@link SendGate}.
 */
public final class HoppedExchange implements Exchange {

  private final Arrivals loop;
  private final Context caller;
  private final LongSupplier nanoTime;
  private final Function<SendGate, Exchange> sender;
  private final SendGate gate = new SendGate();
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  // the caller's context only
  private @Nullable PhaseTimes ended;

  // the event loop only
  private @Nullable Exchange there;

  /**
   * Makes an exchange that is not sent yet.
   *
   * @param loop where it is sent, if the gate is passed
   * @param sender sends it there
   */
  HoppedExchange(
      Arrivals loop, Context caller, LongSupplier nanoTime, Function<SendGate, Exchange> sender) {
    this.loop = loop;
    this.caller = caller;
    this.nanoTime = nanoTime;
    this.sender = sender;
    this.startedNanos = nanoTime.getAsLong();
  }

  /** Hops to the event loop. */
  void start() {
    loop.add(this::sendThere);
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
    promise.tryFail(Refusals.cancelled(processed).toBuilder().times(ended).build());
    loop.add(this::cancelThere);
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
    long now = nanoTime.getAsLong();
    if (!gate.isPassed()) {
      return PhaseTimes.NONE.plus(Phase.QUEUE, now - startedNanos);
    }
    long sent = gate.passedNanos();
    return PhaseTimes.NONE.plus(Phase.QUEUE, sent - startedNanos).plus(Phase.WAIT, now - sent);
  }

  private void sendThere() {
    if (!gate.isShut()) {
      Exchange sent = sender.apply(gate);
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
