// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws one of the candidates that the call has not tried, each with a probability in proportion to
 * its share: the same for all as long as all shares are 1.
 *
 * <p>A few draws are rejected if they hit a tried candidate, or, in the part that is not its share,
 * another; what is accepted is right. Then the shares of the untried are added up and one is drawn
 * by its place in the sum, which is right as well, so that the mixture is. Cost O(1) as long as the
 * tried are few and the shares near 1, at most O(n).
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
      if (drawn != except && !request.tried(drawn) && isItsTurn(drawn, random)) {
        return drawn;
      }
    }
    double shares = 0;
    for (Candidate node : nodes) {
      if (node != except && !request.tried(node)) {
        shares += node.share();
      }
    }
    return shares == 0 ? null : untriedAt(random.nextDouble() * shares, nodes, request, except);
  }

  private static boolean isItsTurn(Candidate node, RandomGenerator random) {
    return node.share() == 1 || random.nextDouble() < node.share();
  }

  private static @Nullable Candidate untriedAt(
      double place, Candidate[] nodes, PickRequest request, @Nullable Candidate except) {
    Candidate last = null;
    double left = place;
    for (Candidate node : nodes) {
      if (node != except && !request.tried(node)) {
        last = node;
        left -= node.share();
        if (left < 0) {
          return node;
        }
      }
    }
    return last;
  }
}
