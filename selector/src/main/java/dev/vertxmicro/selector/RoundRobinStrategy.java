// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Each node in its turn, across all calls. go-micro's strategy of that name ({@code
 * selector/strategy.go}) begins at a random node for each call, which makes it random; this one
 * does not. The first node of all is random, so that many clients do not begin with the same one. A
 * node whose share is less than 1 passes over the other part of its turns, evenly.
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

    /** Rounds are counted up to here and again from 0, to stay exact in a double. */
    private static final long ROUNDS = (1L << 30) - 1;

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
        long turn = this.turn.getAndIncrement();
        int index = (int) Long.remainderUnsigned(turn, nodes.length);
        Candidate next = nodes[index];
        if (!request.tried(next) && takes(next.share(), turn, index, nodes.length)) {
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

    /**
     * Tells whether a node takes its turn: always if its share is 1, else in the rounds in which
     * the sum of its shares reaches the next whole number. The index sets nodes apart that would
     * take their turns in the same rounds.
     */
    private static boolean takes(double share, long turn, int index, int nodes) {
      if (share == 1) {
        return true;
      }
      double round = Long.divideUnsigned(turn, nodes) + index & ROUNDS;
      return Math.floor((round + 1) * share) > Math.floor(round * share);
    }
  }
}
