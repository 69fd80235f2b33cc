// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Where an attempt stands.
 *
 * <pre>
 *   NEW ------> PICKED ------> SENT ------> SUCCEEDED
 *    |            |  \           |
 *    |            |   `----------|--------> SUCCEEDED   (a call wrapper answered itself)
 *    +------------+--------------+--------> FAILED
 *    +------------+--------------+--------> CANCELLED
 * </pre>
 *
 * NEW selects, PICKED holds a node and runs call wrappers, SENT has an exchange. The last three are
 * terminal: reached exactly once, and the node, the timer and the exchange are released there.
 */
enum AttemptState {
  NEW,
  PICKED,
  SENT,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  private static final Map<AttemptState, Set<AttemptState>> NEXT =
      new EnumMap<>(
          Map.of(
              NEW, EnumSet.of(PICKED, FAILED, CANCELLED),
              PICKED, EnumSet.of(SENT, SUCCEEDED, FAILED, CANCELLED),
              SENT, EnumSet.of(SUCCEEDED, FAILED, CANCELLED)));

  boolean isTerminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }

  AttemptState to(AttemptState next) {
    if (!NEXT.getOrDefault(this, Set.of()).contains(next)) {
      throw new IllegalStateException(this + " -> " + next);
    }
    return next;
  }
}
