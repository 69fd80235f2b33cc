// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes the better of two nodes drawn at random (Mitzenmacher, "The power of two choices in
 * randomized load balancing", 2001; Finagle {@code P2CPick.scala}), by whatever load the strategy
 * measures.
 *
 * <p>Two different nodes are drawn: every pair with the same probability, or if weights differ,
 * each node in proportion to its weight (Finagle draws evenly, which gives a node of twice the
 * weight 1.6 times the calls). The healthier wins; equal health, the lower load divided by weight;
 * a tie goes to the first drawn. If the winner is not healthy, another pair is drawn, at most
 * {@link #MAX_EFFORT} in all: with half of the nodes unhealthy at least one healthy node is met
 * with more than 99 %. Cost O(1).
 *
 * <p>A node whose share is less than 1 takes part in that much fewer draws, first and second, so
 * that it gets about its share of the calls that it would get, whatever wins: two nodes would
 * otherwise always be a pair, and the quicker win always. If the second draw is one that the node
 * has to pass over, the first drawn wins. Loads are divided by the weight without the share, for
 * they see what is in flight in relation to the share themselves; {@code load / weight} of a quiet
 * node would be the larger the smaller its share, and it would get nothing.
 */
final class PairPicker implements Picker {

  private static final int MAX_EFFORT = 4;
  private static final double SAME_WEIGHT = 1e-4;

  private final WeightedDraw draw;
  private final Candidate[] nodes;
  private final RandomGenerator random;
  private final boolean isEven;
  private final boolean isShared;
  private final double weight;
  private final double fullWeight;

  PairPicker(List<Candidate> candidates, RandomGenerator random) {
    this.draw = new WeightedDraw(candidates, random);
    this.nodes = draw.nodes();
    this.random = random;
    double weight = 0;
    double fullWeight = 0;
    double heaviest = 0;
    double lightest = Double.MAX_VALUE;
    boolean isShared = false;
    for (Candidate node : nodes) {
      weight += node.weight();
      fullWeight += node.fullWeight();
      heaviest = Math.max(heaviest, node.fullWeight());
      lightest = Math.min(lightest, node.fullWeight());
      isShared |= node.share() < 1;
    }
    this.weight = weight;
    this.fullWeight = fullWeight;
    this.isEven = heaviest - lightest < SAME_WEIGHT * heaviest;
    this.isShared = isShared;
  }

  @Override
  public @Nullable Candidate pick(PickRequest request, long now) {
    Candidate winner = null;
    for (int effort = 0; effort < MAX_EFFORT; effort++) {
      winner = winner(request, now);
      if (winner == null || winner.health() == Health.HEALTHY) {
        return winner;
      }
    }
    return winner;
  }

  private @Nullable Candidate winner(PickRequest request, long now) {
    if (nodes.length == 1) {
      return request.tried(nodes[0]) ? null : nodes[0];
    }
    int i = draw.index();
    Candidate first = nodes[i];
    if (isShared && isPassedOver(first)) {
      return request.tried(first) ? untriedWinner(request, now) : first;
    }
    Candidate second = nodes[draw.indexExcept(i)];
    return request.tried(first) || request.tried(second)
        ? untriedWinner(request, now)
        : better(first, second, now);
  }

  /**
   * Tells whether the second draw is one that has to be passed over. Of all draws of another node
   * by full weights it is the part that is not in the shares.
   */
  private boolean isPassedOver(Candidate first) {
    double others = fullWeight - first.fullWeight();
    return random.nextDouble() * others >= weight - first.weight();
  }

  private @Nullable Candidate untriedWinner(PickRequest request, long now) {
    Candidate first = UniformDraw.untried(nodes, request, null, random);
    if (first == null) {
      return null;
    }
    Candidate second = UniformDraw.untried(nodes, request, first, random);
    return second == null || (second.share() < 1 && random.nextDouble() >= second.share())
        ? first
        : better(first, second, now);
  }

  private Candidate better(Candidate a, Candidate b, long now) {
    int health = a.health().compareTo(b.health());
    if (health != 0) {
      return health < 0 ? a : b;
    }
    double loadA = a.load(now);
    double loadB = b.load(now);
    if (isEven) {
      return loadA <= loadB ? a : b;
    }
    double weightA = a.fullWeight();
    double weightB = b.fullWeight();
    return Math.abs(weightA - weightB) < SAME_WEIGHT
        ? loadA <= loadB ? a : b
        : loadA / weightA <= loadB / weightB ? a : b;
  }
}
