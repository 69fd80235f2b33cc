// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of one attempt of a call that failed.
 *
 * @param number the attempt, from 0
 * @param nodeId the node that was tried; null if none was picked
 * @param error what happened to it
 * @param processed whether a server may have acted
 * @param times where its time went
 */
public record AttemptFailure(
    int number, @Nullable String nodeId, RpcError error, Processed processed, PhaseTimes times)
    implements Serializable {

  /** Checks the range of the number and that nothing but the node is null. */
  public AttemptFailure {
    if (number < 0) {
      throw new IllegalArgumentException("number: " + number + " (expected: 0 or more)");
    }
    Objects.requireNonNull(error, "error");
    Objects.requireNonNull(processed, "processed");
    Objects.requireNonNull(times, "times");
  }

  /**
   * Returns for example {@code "#0 on greeter-1: 503 connection refused, NOT_SENT (connect 1 ms)"}.
   */
  @Override
  public String toString() {
    return "#%d on %s: %d %s, %s (%s)"
        .formatted(
            number,
            nodeId == null ? "no node" : nodeId,
            error.code(),
            FailureText.cut(error.detail(), 200),
            processed,
            times);
  }
}
