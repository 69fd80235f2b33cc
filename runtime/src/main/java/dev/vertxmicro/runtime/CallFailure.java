// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Adds to a failure what only its call knows: service and endpoint, every attempt with its node and
 * error, where the time went, and whether any server may have acted.
 *
 * <p>Called by {@link AttemptLoop} and {@link StreamCall} when they tell their caller.
 */
final class CallFailure {

  private CallFailure() {}

  /**
   * Returns the failure as the caller sees it.
   *
   * @param late the attempts that still run took too long; else they are given up
   */
  static RpcException of(AttemptLoop<?> call, RpcException failure, boolean late) {
    Processed processed = failure.processed();
    PhaseTimes times = call.waited();
    List<AttemptFailure> all = new ArrayList<>();
    List<RpcException> before = List.of();
    AttemptHistory history = call.history();
    if (history != null) {
      all.addAll(history.failures());
      before = history.causesBut(failure);
      processed = AttemptHistory.worse(processed, history.processed());
      times = times.plus(history.times());
    }
    boolean ofAnAttempt = history != null && before.size() < all.size();
    String node = all.isEmpty() ? null : all.get(all.size() - 1).nodeId();
    if (!ofAnAttempt && call.open() != null) {
      node = call.open().nodeId();
    }
    for (Attempt attempt = call.open(); attempt != null; attempt = attempt.older()) {
      AttemptFailure given = attempt.describe(late ? attempt.tooLate() : attempt.givenUp());
      processed = AttemptHistory.worse(processed, given.processed());
      times = times.plus(attempt.times());
      all.add(given);
    }
    all.sort(Comparator.comparingInt(AttemptFailure::number));
    return failure.toBuilder()
        .target(call.service(), call.endpoint())
        .processed(processed)
        .node(node)
        .attempt(Math.max(1, call.started()), Math.max(call.started(), call.mostAttempts()))
        .elapsed(Duration.ofNanos(call.core().time().nanoTime() - call.startNanos()))
        .times(times)
        .attempts(all)
        .suppressed(before)
        .build();
  }
}
