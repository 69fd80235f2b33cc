// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes come before others. Preferences make tiers: the first has the nodes that the first
 * filter keeps, the second those of the others that the second filter keeps, and so on; the last
 * has the rest (go-micro's plugin {@code selector/label}, with any filter for a label). A zone
 * halves each tier: nodes of the zone, and those elsewhere.
 *
 * <p>Tiers, or their halves, are the groups within which strategies choose; numbered in the order
 * in which they are preferred, from 0.
 *
 * @param preferred what makes the tiers; may be empty
 * @param zone the own zone, or null if zones do not matter
 * @param zoneKey the metadata key of a node's zone
 */
record Tiering(List<Filter> preferred, @Nullable String zone, String zoneKey) {

  /** Returns this with more tiers before its own. */
  Tiering after(List<Filter> first) {
    if (first.isEmpty()) {
      return this;
    }
    List<Filter> all = new ArrayList<>(first);
    all.addAll(preferred);
    return new Tiering(List.copyOf(all), zone, zoneKey);
  }

  int tiers() {
    return preferred.size() + 1;
  }

  /** How many groups each tier has. */
  int halves() {
    return zone == null ? 1 : 2;
  }

  int groups() {
    return tiers() * halves();
  }

  /**
   * Returns the candidates with the group of each, the same list if there is but one group.
   *
   * @throws dev.vertxmicro.errors.RpcException if a filter throws
   */
  List<Candidate> grouped(List<Candidate> candidates) {
    return groups() == 1
        ? candidates
        : candidates.stream().map(candidate -> candidate.inGroup(groupOf(candidate))).toList();
  }

  private int groupOf(Candidate candidate) {
    int tier = tierOf(candidate);
    return zone == null || isNear(candidate.node()) ? tier * halves() : tier * halves() + 1;
  }

  /** Returns the tier that a group belongs to, from 0. */
  int tierOf(int group) {
    return group / halves();
  }

  /** Tells whether nodes of a group are in the own zone, if zones matter. */
  boolean isNear(int group) {
    return zone != null && group % 2 == 0;
  }

  /** Returns the candidates of each group, in their order. */
  List<List<Candidate>> split(List<Candidate> candidates) {
    if (groups() == 1) {
      return List.of(candidates);
    }
    List<List<Candidate>> split = new ArrayList<>();
    for (int group = 0; group < groups(); group++) {
      split.add(new ArrayList<>());
    }
    candidates.forEach(candidate -> split.get(candidate.group()).add(candidate));
    return split;
  }

  /** Returns the candidates after each group went through {@code stage}, group by group. */
  List<Candidate> each(List<Candidate> candidates, UnaryOperator<List<Candidate>> stage) {
    return groups() == 1
        ? stage.apply(candidates)
        : split(candidates).stream().flatMap(group -> stage.apply(group).stream()).toList();
  }

  private int tierOf(Candidate candidate) {
    for (int i = 0; i < preferred.size(); i++) {
      if (Filtered.keeps(preferred.get(i), candidate)) {
        return i;
      }
    }
    return preferred.size();
  }

  /** Tells whether a node is in the own zone. */
  boolean isNear(Node node) {
    return zone != null && zone.equals(node.metadata().get(zoneKey));
  }
}
