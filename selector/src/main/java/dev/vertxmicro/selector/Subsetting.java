// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;

/**
 * The stage of a {@link View} that leaves a part of the nodes of each group. Of each group, not of
 * all: the few nodes that are preferred would hardly be in a part of all.
 *
 * @param size how many nodes of a group are wanted; 0: {@link Subset#sizeFor}
 * @param everywhere chooses among nodes that all clients call
 * @param near chooses among nodes of the own zone, which the clients of the zone call
 */
record Subsetting(int size, Subset everywhere, Subset near) {

  List<Candidate> of(List<Candidate> grouped, Tiering tiering) {
    List<Candidate> subset = new ArrayList<>();
    List<List<Candidate>> groups = tiering.split(grouped);
    for (int group = 0; group < groups.size(); group++) {
      List<Candidate> nodes = groups.get(group);
      Subset choice = tiering.isNear(group) ? near : everywhere;
      subset.addAll(choice.of(nodes, size == 0 ? Subset.sizeFor(nodes.size()) : size));
    }
    return List.copyOf(subset);
  }
}
