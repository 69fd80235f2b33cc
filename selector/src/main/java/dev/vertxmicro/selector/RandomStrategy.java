// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.random.RandomGenerator;

/** Each node equally often, independent of all else (go-micro {@code selector/strategy.go}). */
enum RandomStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> {
      Candidate[] nodes = candidates.toArray(Candidate[]::new);
      return (request, now) -> UniformDraw.untried(nodes, request, null, random);
    };
  }

  @Override
  public String toString() {
    return "Strategy.random()";
  }
}
