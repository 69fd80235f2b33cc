// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws one of the candidates that the call has not tried, each with the same probability.
 *
 * <p>A few draws are rejected if they hit a tried candidate; what is accepted is uniform. Then the
 * untried are counted and one is drawn by its rank, which is uniform as well, so that the mixture
 * is. Cost O(1) as long as the tried are few, at most O(n).
 */
final class UniformDraw {

  private static final int REJECTIONS = 4;

  private UniformDraw() {}

  /**
   * Draws.
   *
   * @param except a candidate that must not be drawn, or null
   * @return null if all have been tried
   */
  static @Nullable Candidate untried(
      Candidate[] nodes, PickRequest request, @Nullable Candidate except, RandomGenerator random) {
    for (int i = 0; i < REJECTIONS; i++) {
      Candidate drawn = nodes[random.nextInt(nodes.length)];
      if (drawn != except && !request.tried(drawn)) {
        return drawn;
      }
    }
    int untried = 0;
    for (Candidate node : nodes) {
      if (node != except && !request.tried(node)) {
        untried++;
      }
    }
    return untried == 0 ? null : untriedAt(random.nextInt(untried), nodes, request, except);
  }

  private static @Nullable Candidate untriedAt(
      int rank, Candidate[] nodes, PickRequest request, @Nullable Candidate except) {
    int left = rank;
    for (Candidate node : nodes) {
      if (node != except && !request.tried(node) && left-- == 0) {
        return node;
      }
    }
    return null;
  }
}
