// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the nodes that fail much more than the others.
 *
 * <p>gRFC A50 and Envoy compare each rate with mean minus 1.9 standard deviations. Nodes that fail
 * always widen the deviation until it hides them: from 21.7 % of such nodes on none is ever found
 * (1 / (1 + 1.9^2); grpc-java#12537). Here a node is found if its rate is certainly worse than that
 * of the median node: upper bound below lower bound, see {@link Rate}. The median does not move as
 * long as most nodes work, whatever the others do. A node without any success is found by itself.
 *
 * <p>Cost O(n log n) for n nodes.
 */
final class SuccessRates {

  /** So many attempts without a success are enough. */
  static final int ENOUGH_WITHOUT_SUCCESS = 5;

  private final List<NodeState> nodes = new ArrayList<>();
  private final List<Rate> rates = new ArrayList<>();
  private final List<NodeState> withoutSuccess = new ArrayList<>();

  /**
   * Reads the rates of the last interval.
   *
   * @param minCalls how many attempts a rate must be of, at least 1
   */
  SuccessRates(NodeState[] all, int minCalls) {
    for (NodeState node : all) {
      Rate rate = node.conduct().tally().rateBefore();
      if (rate.successes() == 0 && rate.attempts() >= ENOUGH_WITHOUT_SUCCESS) {
        withoutSuccess.add(node);
      }
      if (rate.attempts() >= minCalls) {
        nodes.add(node);
        rates.add(rate);
      }
    }
  }

  /** Returns the nodes that no attempt succeeded on. */
  List<NodeState> withoutSuccess() {
    return withoutSuccess;
  }

  /**
   * Returns the nodes that are certainly worse than the median node.
   *
   * @param minNodes how many nodes must have a rate, or there is no telling
   */
  List<NodeState> outliers(int minNodes) {
    if (rates.size() < minNodes) {
      return List.of();
    }
    List<Rate> sorted = new ArrayList<>(rates);
    sorted.sort(Comparator.comparingDouble(Rate::value));
    double usual = sorted.get(sorted.size() / 2).lowerBound();
    List<NodeState> outliers = new ArrayList<>();
    for (int i = 0; i < rates.size(); i++) {
      if (rates.get(i).upperBound() < usual) {
        outliers.add(nodes.get(i));
      }
    }
    return outliers;
  }
}
