// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The last stage of a {@link View} before its picker: the candidates by group, with the shares that
 * they have now, and the part of the calls that leaves the own zone.
 */
final class Groups {

  private final Tiering tiering;
  private final List<Candidate> candidates;
  private final double[] away;

  private Groups(Tiering tiering, List<Candidate> candidates, double[] away) {
    this.tiering = tiering;
    this.candidates = candidates;
    this.away = away;
  }

  /**
   * Arranges.
   *
   * @param eligible the nodes that the stages before health have left
   * @param candidates those of them that may be picked, with their shares
   */
  static Groups of(
      Tiering tiering, SpillOver spill, List<Candidate> eligible, List<Candidate> candidates) {
    double[] away = new double[tiering.tiers()];
    if (tiering.halves() > 1) {
      int[] all = new int[tiering.groups()];
      int[] healthy = new int[tiering.groups()];
      eligible.forEach(candidate -> all[candidate.group()]++);
      candidates.stream()
          .filter(candidate -> candidate.health() == Health.HEALTHY)
          .forEach(candidate -> healthy[candidate.group()]++);
      for (int tier = 0; tier < away.length; tier++) {
        int near = 2 * tier;
        int far = near + 1;
        away[tier] = spill.away(healthy[near], all[near], healthy[far], all[far]);
      }
    }
    return new Groups(tiering, candidates, away);
  }

  List<Candidate> candidates() {
    return candidates;
  }

  /** Tells whether a picker that was prepared for the other does for this one as well. */
  boolean isLike(Groups other) {
    return Arrays.equals(away, other.away)
        && candidates.size() == other.candidates.size()
        && IntStream.range(0, candidates.size())
            .allMatch(i -> candidates.get(i).isLike(other.candidates.get(i)));
  }

  /** Prepares the picker. There must be a candidate. Called under the lock of the entry. */
  Picker picker(Route route) {
    List<List<Candidate>> split = tiering.split(candidates);
    Picker[] pickers = new Picker[split.size()];
    for (int group = 0; group < pickers.length; group++) {
      List<Candidate> nodes = split.get(group);
      pickers[group] =
          nodes.isEmpty() ? TieredPicker.NONE : route.balancer(group).picker(List.copyOf(nodes));
    }
    List<Picker> used = Arrays.stream(pickers).filter(each -> each != TieredPicker.NONE).toList();
    return used.size() == 1 ? used.get(0) : tiered(pickers, route);
  }

  private Picker tiered(Picker[] pickers, Route route) {
    Picker[] near = new Picker[tiering.tiers()];
    Picker[] far = new Picker[tiering.tiers()];
    for (int tier = 0; tier < near.length; tier++) {
      near[tier] = pickers[tier * tiering.halves()];
      far[tier] = tiering.halves() == 1 ? TieredPicker.NONE : pickers[tier * 2 + 1];
    }
    return new TieredPicker(near, far, away, route.entry().selector().random());
  }
}
