// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws candidates at random in proportion to their weights, as these were when the draw was
 * prepared (Walker's alias method; Vose, "A linear algorithm for generating random numbers with a
 * given distribution", 1991).
 *
 * <p>Each index has the same probability to be drawn first, and is then kept or replaced by its
 * alias. Prepared in O(n); 12 bytes for each node, none if the weights are equal. A draw is O(1).
 */
final class WeightedDraw {

  private static final int REJECTIONS = 8;
  private static final double SAME_WEIGHT = 1e-4;

  private final Candidate[] nodes;
  private final RandomGenerator random;
  private final boolean isEven;
  private final double[] kept;
  private final int[] alias;

  WeightedDraw(List<Candidate> candidates, RandomGenerator random) {
    this.nodes = candidates.toArray(Candidate[]::new);
    this.random = random;
    double[] weights = new double[nodes.length];
    double sum = 0;
    double heaviest = 0;
    double lightest = Double.MAX_VALUE;
    for (int i = 0; i < nodes.length; i++) {
      weights[i] = nodes[i].weight();
      sum += weights[i];
      heaviest = Math.max(heaviest, weights[i]);
      lightest = Math.min(lightest, weights[i]);
    }
    this.isEven = heaviest - lightest < SAME_WEIGHT * heaviest;
    this.alias = new int[isEven ? 0 : nodes.length];
    this.kept = isEven ? new double[0] : aliased(weights, sum);
  }

  /**
   * Fills what is too light from what is too heavy: both are taken from one row of indices, the
   * light ones from its left end, the heavy ones from its right.
   */
  private double[] aliased(double[] weights, double sum) {
    int n = weights.length;
    double[] share = new double[n];
    int[] row = new int[n];
    int light = 0;
    int heavy = n;
    for (int i = 0; i < n; i++) {
      share[i] = weights[i] / sum * n;
      row[share[i] < 1 ? light++ : --heavy] = i;
    }
    int filled = 0;
    while (filled < light && light < n) {
      int small = row[filled++];
      int large = row[light];
      alias[small] = large;
      share[large] -= 1 - share[small];
      if (share[large] < 1) {
        light++;
      }
    }
    // What is left over is 1 but for rounding.
    for (int i = filled; i < n; i++) {
      share[row[i]] = 1;
    }
    return share;
  }

  Candidate[] nodes() {
    return nodes;
  }

  /** Tells whether all weights are equal, but for less than 0.01 %. */
  boolean isEven() {
    return isEven;
  }

  /** Draws an index. */
  int index() {
    int i = random.nextInt(nodes.length);
    return isEven || random.nextDouble() < kept[i] ? i : alias[i];
  }

  /**
   * Draws another index than {@code other}; there must be two nodes or more. If nearly all the
   * weight is that of {@code other}, the rest are drawn evenly.
   */
  int indexExcept(int other) {
    for (int i = 0; !isEven && i < REJECTIONS; i++) {
      int drawn = index();
      if (drawn != other) {
        return drawn;
      }
    }
    int drawn = random.nextInt(nodes.length - 1);
    return drawn < other ? drawn : drawn + 1;
  }

  /**
   * Draws one that the call has not tried. Cost O(1) as long as what was tried is little of the
   * weight, at most O(n).
   *
   * @return null if all have been tried
   */
  @Nullable Candidate untried(PickRequest request) {
    if (isEven) {
      return UniformDraw.untried(nodes, request, null, random);
    }
    for (int i = 0; i < REJECTIONS; i++) {
      Candidate drawn = nodes[index()];
      if (!request.tried(drawn)) {
        return drawn;
      }
    }
    double untried = 0;
    for (Candidate node : nodes) {
      untried += request.tried(node) ? 0 : node.weight();
    }
    double target = random.nextDouble() * untried;
    Candidate last = null;
    for (Candidate node : nodes) {
      if (!request.tried(node)) {
        last = node;
        target -= node.weight();
        if (target < 0) {
          return node;
        }
      }
    }
    return last;
  }
}
