// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The first healthy node in the order of the registry, the next one if the call has tried it: one
 * node serves, the others stand by. Where a registry names its nodes in no fixed order, neither has
 * this strategy one. A node whose share is less than 1 leaves the other part of the calls to those
 * behind it. Weights have no effect. Cost O(1), or O(n) if many were tried or are not healthy.
 */
enum FirstStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new InOrder(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.first()";
  }

  private static final class InOrder implements Picker {

    private final Candidate[] nodes;
    private final RandomGenerator random;

    InOrder(List<Candidate> candidates, RandomGenerator random) {
      this.nodes = candidates.toArray(Candidate[]::new);
      this.random = random;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      Candidate best = null;
      Health bestHealth = Health.EJECTED;
      for (Candidate node : nodes) {
        if (!request.tried(node)) {
          Health health = node.health();
          if (health == Health.HEALTHY && takes(node)) {
            return node;
          }
          if (best == null || health.compareTo(bestHealth) < 0) {
            best = node;
            bestHealth = health;
          }
        }
      }
      return best;
    }

    private boolean takes(Candidate node) {
      return node.share() == 1 || random.nextDouble() < node.share();
    }
  }
}
