// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The node with the fewest attempts in flight in relation to its weight (Envoy's least request with
 * {@code FULL_SCAN}), one at random among equals, by weight: Vert.x' takes the first of them, and
 * so sends calls that do not overlap to one node only.
 *
 * <p>The healthier comes first, then the lower inFlight / weight. While nothing is in flight all
 * are equal, and each gets its share by weight; (inFlight + 1) / weight would send everything to
 * the heaviest. Cost O(n): right for some hundreds of nodes; {@link
 * PowerOfTwoLeastRequestsStrategy} is nearly as even and does not depend on n.
 */
enum LeastRequestsStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new Scan(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.leastRequests()";
  }

  private static final class Scan implements Picker {

    private final Candidate[] nodes;
    private final double[] weights;
    private final RandomGenerator random;

    Scan(List<Candidate> candidates, RandomGenerator random) {
      this.nodes = candidates.toArray(Candidate[]::new);
      this.weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
      this.random = random;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      Candidate best = null;
      Health bestHealth = Health.HEALTHY;
      long bestOpen = 0;
      double bestWeight = 1;
      double tied = 0;
      long dice = random.nextLong();
      for (int i = 0; i < nodes.length; i++) {
        Candidate node = nodes[i];
        if (request.tried(node)) {
          continue;
        }
        Health health = node.health();
        long open = node.inFlight();
        double weight = weights[i];
        int order = best == null ? -1 : health.compareTo(bestHealth);
        if (order == 0) {
          order = Double.compare(open * bestWeight, bestOpen * weight);
        }
        // Of k equals each is the last to win with the same probability in relation to its weight.
        tied = order < 0 ? weight : order == 0 ? tied + weight : tied;
        dice += SplitMix.STEP;
        if (order < 0 || (order == 0 && SplitMix.unit(dice) * tied < weight)) {
          best = node;
          bestHealth = health;
          bestOpen = open;
          bestWeight = weight;
        }
      }
      return best;
    }
  }
}
