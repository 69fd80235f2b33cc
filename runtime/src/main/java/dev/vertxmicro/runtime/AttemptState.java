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
 *   NEW ------> PICKED ------> SENT ------> OPEN ------> SUCCEEDED
 *    |            |  \           |  `----------|--------> SUCCEEDED   (a call's reply)
 *    |            |   `----------|-------------|--------> SUCCEEDED   (a call wrapper answered)
 *    +------------+--------------+-------------+--------> FAILED
 *    +------------+--------------+-------------+--------> CANCELLED
 * </pre>
 *
 * NEW selects, PICKED holds a node and runs call wrappers, SENT has an exchange, OPEN has the head
 * of a stream that goes on. The last three are terminal: reached exactly once, and the node, the
 * timer and the exchange are released there.
 */
enum AttemptState {
  NEW,
  PICKED,
  SENT,
  OPEN,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  private static final Map<AttemptState, Set<AttemptState>> NEXT =
      new EnumMap<>(
          Map.of(
              NEW, EnumSet.of(PICKED, FAILED, CANCELLED),
              PICKED, EnumSet.of(SENT, SUCCEEDED, FAILED, CANCELLED),
              SENT, EnumSet.of(OPEN, SUCCEEDED, FAILED, CANCELLED),
              OPEN, EnumSet.of(SUCCEEDED, FAILED, CANCELLED)));

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
