// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.TailHedge;
import dev.vertxmicro.time.Nanos;
import org.jspecify.annotations.Nullable;

/**
 * When a call that hedges starts another attempt: after the hedge's delay, and at once (or after
 * the server's pushback) when an attempt fails in a way that the policy calls worth retrying. A
 * failure that is not ends the call; a pushback below zero, or behind the deadline, freezes hedging
 * (gRFC A6).
 *
 * <p>Asked by {@link AttemptLoop}, on the context of the call only.
 */
final class Hedging {

  private final AttemptLoop<?> call;
  private final Hedge hedge;
  private final @Nullable TailHedge tail;
  private boolean frozen;

  Hedging(AttemptLoop<?> call, Hedge hedge, @Nullable TailHedge tail) {
    this.call = call;
    this.hedge = hedge;
    this.tail = tail;
    if (tail != null) {
      tail.callStarted();
    }
  }

  /** Returns after how many nanoseconds to start the next attempt, or below zero for never. */
  long delayNanos() {
    if (!hasMore()) {
      return TailHedge.NEVER;
    }
    if (hedge instanceof Hedge.After after) {
      return Nanos.of(after.delay());
    }
    return tail == null ? TailHedge.NEVER : tail.delayNanos();
  }

  /** Pays for the attempt that is due, if the budgets allow it. */
  boolean pays() {
    if (tail != null && !tail.withdraw()) {
      call.core().observer().limitReached("hedge-load");
      return false;
    }
    return call.pays();
  }

  /**
   * Decides what follows the failure of attempt {@code number}.
   *
   * @throws RpcException if the policy is broken
   */
  Decision after(int number, RpcException failure) {
    if (!call.isWorthRetrying(number, failure)) {
      return Decision.FAIL;
    }
    long pushback = Pushback.nanos(failure);
    frozen |= pushback == Pushback.NEVER || pushback >= call.deadline().remainingNanos();
    return hasMore() && call.pays() ? Decision.again(pushback) : Decision.AWAIT_OTHERS;
  }

  /** Tells whether the server forbade more attempts. */
  boolean isFrozen() {
    return frozen;
  }

  private boolean hasMore() {
    return !frozen && call.attemptsCounted() < hedge.maxAttempts();
  }

  /** Tells how long the call took that was answered, or that ran into its deadline. */
  void ended(long nanos) {
    if (tail != null) {
      tail.record(nanos);
    }
  }
}
