// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Each node in its turn, across all calls. go-micro's strategy of that name ({@code
 * selector/strategy.go}) begins at a random node for each call, which makes it random; this one
 * does not. The first node of all is random, so that many clients do not begin with the same one.
 */
enum RoundRobinStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return new Turns(random.nextInt(Integer.MAX_VALUE));
  }

  @Override
  public String toString() {
    return "Strategy.roundRobin()";
  }

  /**
   * The turn, which goes on when the nodes change. An unsigned counter: it does not wrap in use.
   */
  static final class Turns implements Balancer {

    private final AtomicLong turn;

    Turns(long first) {
      this.turn = new AtomicLong(first);
    }

    @Override
    public Picker picker(List<Candidate> candidates) {
      Candidate[] nodes = candidates.toArray(Candidate[]::new);
      return (request, now) -> pick(nodes, request);
    }

    private @Nullable Candidate pick(Candidate[] nodes, PickRequest request) {
      for (int i = 0; i < nodes.length; i++) {
        Candidate next = nodes[(int) Long.remainderUnsigned(turn.getAndIncrement(), nodes.length)];
        if (!request.tried(next)) {
          return next;
        }
      }
      // Others took turns meanwhile, so that this call may have met the same nodes again.
      for (Candidate node : nodes) {
        if (!request.tried(node)) {
          return node;
        }
      }
      return null;
    }
  }
}
