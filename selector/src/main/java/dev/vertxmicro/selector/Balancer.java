// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;

/**
 * What a {@link Strategy} keeps for one service, one list of filters, and one group of nodes that
 * are preferred alike; survives changes of the nodes.
 */
@FunctionalInterface
public interface Balancer {

  /**
   * Prepares picks among {@code candidates}. Called off the path of calls: when the nodes changed,
   * and when weights or health changed so much that prepared tables are out of date. Calls for one
   * balancer never overlap, but picks from earlier pickers may still run.
   *
   * @param candidates one or more, never changed, each node once; in the order in which the
   *     registry names them. A strategy that hashes must go by {@link Candidate#id()}, not by the
   *     position.
   */
  Picker picker(List<Candidate> candidates);
}
