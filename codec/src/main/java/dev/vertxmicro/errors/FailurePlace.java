// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a call failed, for the first words of its error's message.
 *
 * @param target what was called
 * @param nodeId the node that was tried
 * @param attempt which attempt out of how many, as in {@code 2/3}
 * @param elapsed how long the call had taken
 */
record FailurePlace(
    @Nullable String target,
    @Nullable String nodeId,
    @Nullable String attempt,
    @Nullable Duration elapsed)
    implements Serializable {

  static final FailurePlace UNKNOWN = new FailurePlace(null, null, null, null);

  FailurePlace withTarget(String target) {
    return new FailurePlace(target, nodeId, attempt, elapsed);
  }

  FailurePlace withNode(@Nullable String nodeId) {
    return new FailurePlace(target, nodeId, attempt, elapsed);
  }

  FailurePlace withAttempt(String attempt) {
    return new FailurePlace(target, nodeId, attempt, elapsed);
  }

  FailurePlace withElapsed(Duration elapsed) {
    return new FailurePlace(target, nodeId, attempt, elapsed);
  }

  /** Appends for example {@code "greeter Greeter.Hello on g-1, attempt 2/3, after 40 ms: "}. */
  void appendTo(StringBuilder text) {
    int start = text.length();
    if (target != null) {
      text.append(target);
    }
    if (nodeId != null) {
      text.append(text.length() > start ? " on " : "on ").append(nodeId);
    }
    if (attempt != null) {
      text.append(text.length() > start ? ", attempt " : "attempt ").append(attempt);
    }
    if (elapsed != null) {
      text.append(text.length() > start ? ", after " : "after ");
      text.append(elapsed.toMillis()).append(" ms");
    }
    if (text.length() > start) {
      text.append(": ");
    }
  }
}
