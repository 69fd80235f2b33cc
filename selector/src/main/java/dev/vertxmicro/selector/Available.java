// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;

/**
 * The stage of a {@link View} that minds health: ejected nodes are left out.
 *
 * <p>Panic: when fewer than a share of the nodes are healthy, or none would be left, ejections are
 * overlooked and all nodes are candidates. It is more likely then that the judgement is wrong, or
 * that the few healthy ones would break under the load of all (Envoy, "panic threshold").
 *
 * @param candidates what may be picked, in the order of the nodes
 * @param ejected what is left out, in that order; none in panic
 * @param panic whether ejections are overlooked
 */
record Available(List<Candidate> candidates, List<Candidate> ejected, boolean panic) {

  /**
   * Judges by the health of now.
   *
   * @param eligible the nodes that the stages before have left
   * @param panicThreshold the share of them that must be healthy, 0 to 1
   */
  static Available of(List<Candidate> eligible, double panicThreshold) {
    int healthy = 0;
    List<Candidate> candidates = new ArrayList<>(eligible.size());
    List<Candidate> ejected = new ArrayList<>();
    for (Candidate candidate : eligible) {
      Health health = candidate.health();
      (health == Health.EJECTED ? ejected : candidates).add(candidate);
      if (health == Health.HEALTHY) {
        healthy++;
      }
    }
    if (healthy == eligible.size()) {
      return new Available(eligible, List.of(), false);
    }
    return isPanic(eligible.size(), healthy, candidates.size(), panicThreshold)
        ? new Available(eligible.stream().map(Candidate::overlooked).toList(), List.of(), true)
        : new Available(List.copyOf(candidates), List.copyOf(ejected), false);
  }

  /**
   * Tells whether so few of some nodes are healthy that ejections are overlooked.
   *
   * @param notEjected how many are healthy, or fail without being ejected
   */
  static boolean isPanic(int all, int healthy, int notEjected, double panicThreshold) {
    return all > 0 && (notEjected == 0 || healthy < panicThreshold * all);
  }

  /** Tells whether a picker that was prepared for the other does for this one as well. */
  boolean isLike(Available other) {
    return panic == other.panic && ejected.equals(other.ejected);
  }
}
