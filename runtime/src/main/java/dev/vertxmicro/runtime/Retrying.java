// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;

/**
 * Whether a call that does not hedge tries again: if retries are left, the server did not forbid it
 * (pushback below zero), the policy agrees, the wait ends before the deadline, and the budget pays.
 * The wait is the server's pushback, else the backoff.
 *
 * <p>Asked by {@link AttemptLoop}, on the context of the call only.
 */
final class Retrying {

  private final AttemptLoop<?> call;
  private int retried;

  Retrying(AttemptLoop<?> call) {
    this.call = call;
  }

  /** Returns how many retries are left. */
  int left() {
    return call.plan().retries() - retried;
  }

  /**
   * Decides what follows the failure of attempt {@code number}.
   *
   * @throws RpcException if the policy or the backoff is broken
   */
  Decision after(int number, RpcException failure) {
    long pushback = Pushback.nanos(failure);
    if (left() <= 0 || pushback == Pushback.NEVER || !call.isWorthRetrying(number, failure)) {
      return Decision.FAIL;
    }
    long delay = pushback != Pushback.NONE ? pushback : call.backoffNanos(retried + 1);
    if (delay >= call.deadline().remainingNanos() || !call.pays()) {
      return Decision.FAIL;
    }
    retried++;
    return Decision.again(delay);
  }
}
