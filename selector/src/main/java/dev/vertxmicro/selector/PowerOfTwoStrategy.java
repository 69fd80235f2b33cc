// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The better of two nodes drawn at random (Mitzenmacher, "The power of two choices in randomized
 * load balancing", 2001; Finagle {@code P2CPick.scala}), by {@link PeakEwma} load.
 *
 * <p>Two different nodes are drawn: every pair with the same probability, or if weights differ,
 * each node in proportion to its weight (Finagle draws evenly, which gives a node of twice the
 * weight 1.6 times the calls). The healthier wins; equal health, the lower load divided by weight;
 * a tie goes to the first drawn. If the winner is not healthy, another pair is drawn, at most
 * {@link #MAX_EFFORT} in all: with half of the nodes unhealthy at least one healthy node is met
 * with more than 99 %. Cost O(1).
 *
 * @param decay how fast what was learned fades
 * @param failurePenalty the least latency that a failure counts as
 */
record PowerOfTwoStrategy(Duration decay, Duration failurePenalty) implements Strategy {

  private static final int MAX_EFFORT = 4;
  private static final int MAX_REJECTED = 8;
  private static final double SAME_WEIGHT = 1e-4;
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  static final PowerOfTwoStrategy DEFAULT =
      new PowerOfTwoStrategy(Duration.ofSeconds(10), Duration.ofSeconds(5));

  PowerOfTwoStrategy {
    if (decay.compareTo(SHORTEST) < 0 || decay.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "decay: " + decay + " (expected: " + SHORTEST + " to " + LONGEST + ")");
    }
    if (failurePenalty.isNegative() || failurePenalty.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "failurePenalty: " + failurePenalty + " (expected: zero to " + LONGEST + ")");
    }
  }

  @Override
  public Load newLoad() {
    return new PeakEwma(decay.toNanos(), failurePenalty.toNanos());
  }

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new Pairs(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.powerOfTwo(decay=" + decay + ", failurePenalty=" + failurePenalty + ")";
  }

  private static final class Pairs implements Picker {

    private final Candidate[] nodes;
    private final RandomGenerator random;
    private final double heaviest;
    private final boolean isEven;

    Pairs(List<Candidate> candidates, RandomGenerator random) {
      this.nodes = candidates.toArray(Candidate[]::new);
      this.random = random;
      double heaviest = 0;
      double lightest = Double.MAX_VALUE;
      for (Candidate node : nodes) {
        heaviest = Math.max(heaviest, node.weight());
        lightest = Math.min(lightest, node.weight());
      }
      this.heaviest = heaviest;
      this.isEven = heaviest - lightest < SAME_WEIGHT;
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
      int n = nodes.length;
      if (n == 1) {
        return request.tried(nodes[0]) ? null : nodes[0];
      }
      int i = draw(n, n);
      int j = draw(n - 1, i);
      Candidate first = nodes[i];
      Candidate second = nodes[j];
      return request.tried(first) || request.tried(second)
          ? untriedWinner(request, now)
          : better(first, second, now);
    }

    /**
     * Draws an index in proportion to the weights: by rejection, so that the weights may change.
     *
     * @param bound how many there are to draw from
     * @param skipped the index to leave out, or what no index reaches
     */
    private int draw(int bound, int skipped) {
      int index = 0;
      for (int i = 0; i < MAX_REJECTED; i++) {
        index = random.nextInt(bound);
        if (index >= skipped) {
          index++;
        }
        if (isEven || random.nextDouble() * heaviest < nodes[index].weight()) {
          return index;
        }
      }
      return index;
    }

    private @Nullable Candidate untriedWinner(PickRequest request, long now) {
      Candidate first = UniformDraw.untried(nodes, request, null, random);
      if (first == null) {
        return null;
      }
      Candidate second = UniformDraw.untried(nodes, request, first, random);
      return second == null ? first : better(first, second, now);
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
      double weightA = a.weight();
      double weightB = b.weight();
      return Math.abs(weightA - weightB) < SAME_WEIGHT
          ? loadA <= loadB ? a : b
          : loadA / weightA <= loadB / weightB ? a : b;
    }
  }
}
