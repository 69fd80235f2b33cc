// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Each node as often as its weight says, in a steady order, across all calls: the static stride
 * schedule of gRPC (gRFC A58, {@code StaticStrideScheduler}).
 *
 * <p>With n nodes, turn s is that of node i = s mod n in round g = s / n. Weights are scaled so
 * that the heaviest is M. The node takes its turn if (w_i * g + i * o) mod M >= M - w_i, which
 * holds for exactly w_i of every M rounds, evenly spaced; else the turn goes on to the next. After
 * any number of rounds a node is less than one pick away from its share. With equal weights this is
 * round robin. A pick costs max weight / mean weight turns on average, and at most n, for the
 * heaviest takes all its turns. A58 has M = 65535 and o = M / 2; here M is 2^30, so that next to
 * nothing is lost by rounding, and o / M the golden ratio, so that the nodes of one round are
 * spread as evenly as the rounds of one node.
 *
 * <p>What bounds the cost also bounds the weights: one above 100 times the mean counts as 100 times
 * the mean. That cannot happen with 100 nodes or fewer. (A58 clamps at 10 times the mean, and
 * raises what is below a tenth of it: that would give a canary far more than was asked for.) A
 * weight below 1 / M of the heaviest counts as that, so that no node is left out.
 *
 * <p>The turn is one unsigned 64-bit number, moved by compare-and-set: one for each pick, however
 * many turns are skipped. It goes on when nodes or weights change. A call that has tried the node
 * whose turn it is gets one that it has not tried, drawn at random by weight.
 */
enum WeightedRoundRobinStrategy implements Strategy {
  INSTANCE;

  private static final int FULL = 1 << 30;
  private static final int MAX_TO_MEAN = 100;
  private static final long OFFSET = 663_608_941;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return new Turns(random.nextInt(Integer.MAX_VALUE), random);
  }

  @Override
  public String toString() {
    return "Strategy.weightedRoundRobin()";
  }

  /** The turn. */
  static final class Turns implements Balancer {

    private final AtomicLong turn;
    private final RandomGenerator random;

    Turns(long first, RandomGenerator random) {
      this.turn = new AtomicLong(first);
      this.random = random;
    }

    @Override
    public Picker picker(List<Candidate> candidates) {
      return new Stride(turn, candidates, random);
    }
  }

  /** The schedule for certain nodes and weights. */
  private static final class Stride implements Picker {

    private final AtomicLong turn;
    private final WeightedDraw draw;
    private final Candidate[] nodes;
    private final int[] weights;

    Stride(AtomicLong turn, List<Candidate> candidates, RandomGenerator random) {
      this.turn = turn;
      this.draw = new WeightedDraw(candidates, random);
      this.nodes = draw.nodes();
      this.weights = scaled(nodes);
    }

    private static int[] scaled(Candidate[] nodes) {
      double[] weights = new double[nodes.length];
      double sum = 0;
      double heaviest = 0;
      for (int i = 0; i < nodes.length; i++) {
        weights[i] = nodes[i].weight();
        sum += weights[i];
        heaviest = Math.max(heaviest, weights[i]);
      }
      double full = Math.min(heaviest, MAX_TO_MEAN * sum / nodes.length);
      int[] scaled = new int[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        scaled[i] = (int) Math.max(1, Math.round(Math.min(1, weights[i] / full) * FULL));
      }
      return scaled;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      Candidate due = nodes[nextDue()];
      return request.tried(due) ? draw.untried(request) : due;
    }

    /** Returns the index of the node whose turn it is, and moves the turn behind it. */
    private int nextDue() {
      int n = weights.length;
      while (true) {
        long first = turn.get();
        int index = (int) Long.remainderUnsigned(first, n);
        long round = Long.divideUnsigned(first, n) & (FULL - 1);
        long last = first;
        while (!isDue(index, round)) {
          last++;
          index++;
          if (index == n) {
            index = 0;
            round++;
          }
        }
        if (turn.compareAndSet(first, last + 1)) {
          return index;
        }
      }
    }

    private boolean isDue(int index, long round) {
      int weight = weights[index];
      return ((weight * round + index * OFFSET) & (FULL - 1)) >= FULL - weight;
    }
  }
}
