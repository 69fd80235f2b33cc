// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;

/**
 * How a node that is new or was taken back gets its work step by step (Envoy, "Slow start mode"):
 * with age the time since then, its share is max(minimum, (age / window)^(1 / aggression)) until
 * the window is over, and 1 from then on. An aggression above 1 makes the share grow faster first.
 *
 * <p>Where it differs from Envoy, which computes weights anew for each pick: shares change in steps
 * of a tenth of the window, at the same instants for all nodes, so that what strategies prepare
 * from weights is prepared at most {@link #STEPS} times a window, however many nodes start in it.
 *
 * <p>While all nodes of a group are new there is none to take the work off them, and their shares
 * are all 1.
 *
 * @param windowNanos how long a node starts; 0: nodes do not start slowly
 * @param minimum the least share: above 0, at most 1
 * @param aggression above 0; 1 makes the share grow evenly
 */
record SlowStart(long windowNanos, double minimum, double aggression) {

  /** Shares change so many times in a window. */
  static final int STEPS = 10;

  /** Returns the share of a node of that age. */
  double share(long ageNanos) {
    if (ageNanos >= windowNanos) {
      return 1;
    }
    double part = Math.max(0, ageNanos) / (double) windowNanos;
    return Math.max(minimum, Math.pow(part, 1 / aggression));
  }

  /** Returns the first instant after {@code now} at which shares change. */
  long nextStep(long now) {
    long step = Math.max(1, windowNanos / STEPS);
    return (Math.floorDiv(now, step) + 1) * step;
  }

  /**
   * Returns the candidates of one group with the share that each has at {@code now}; the same list
   * if that is 1 for all.
   */
  List<Candidate> paced(List<Candidate> candidates, long now) {
    int starting = 0;
    for (Candidate candidate : candidates) {
      starting += isStarting(candidate.state(), now) ? 1 : 0;
    }
    if (starting == 0 || starting == candidates.size()) {
      return candidates;
    }
    List<Candidate> paced = new ArrayList<>(candidates.size());
    for (Candidate candidate : candidates) {
      NodeState state = candidate.state();
      paced.add(
          isStarting(state, now)
              ? candidate.withPartOfShare(share(now - state.startedAt()))
              : candidate);
    }
    return List.copyOf(paced);
  }

  /** Tells whether the node is new, or was taken back, less than a window ago. */
  boolean isStarting(NodeState state, long now) {
    long startedAt = state.startedAt();
    return startedAt != NodeState.LONG_AGO && now - startedAt < windowNanos;
  }
}
