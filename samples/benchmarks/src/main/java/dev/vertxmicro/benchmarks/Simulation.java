// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Calls from one client to many nodes on virtual time. Calls arrive at random (Poisson). Each node
 * works on {@link #WORKERS} calls at a time, for 10 ms each on average (exponential), and queues
 * the others. The same seed brings the same arrivals.
 */
final class Simulation {

  static final int WORKERS = 8;
  private static final double WORK_NANOS = 10_000_000;
  private static final long FAILURE_NANOS = 100_000;
  private static final double FAILED = -1;

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random;
  private final Balanced balanced;
  private final Server[] servers;
  private final List<Double> times = new ArrayList<>();
  private int failures;

  Simulation(Contestant contestant, int nodes, long seed) {
    this.random = new SplittableRandom(seed);
    this.balanced = contestant.maker().make(ids(nodes), time, seed);
    this.servers = IntStream.range(0, nodes).mapToObj(i -> new Server()).toArray(Server[]::new);
  }

  static List<String> ids(int nodes) {
    return IntStream.range(0, nodes).mapToObj(i -> "node-" + i).toList();
  }

  /** Makes a node's work take so many times as long from now on. */
  void slow(int node, double times) {
    servers[node].slowness = times;
  }

  /** Makes a node fail each call at once from now on. */
  void fail(int node) {
    servers[node].slowness = FAILED;
  }

  /**
   * Makes calls.
   *
   * @param load the share of what all nodes can do at their usual pace
   * @param hotShare the share of the calls that have one and the same key; the others have none in
   *     common. Negative: calls have no key.
   */
  void run(int calls, double load, double hotShare) {
    double pause = WORK_NANOS / (load * WORKERS * servers.length);
    for (int i = 0; i < calls; i++) {
      time.advance((long) (exponential() * pause));
      call(key(hotShare));
    }
  }

  private @Nullable String key(double hotShare) {
    if (hotShare < 0) {
      return null;
    }
    return random.nextDouble() < hotShare ? "hot" : "user-" + random.nextInt(1 << 20);
  }

  private void call(@Nullable String key) {
    double work = exponential() * WORK_NANOS;
    Balanced.Taken taken = balanced.take(key);
    servers[taken.node()].accept(new Work(taken, work, time.nanoTime()));
  }

  private double exponential() {
    return -Math.log(1 - random.nextDouble());
  }

  /** Starts to count anew. */
  void forget() {
    times.clear();
    failures = 0;
    for (Server server : servers) {
      server.calls = 0;
      server.most = server.open;
    }
  }

  int failures() {
    return failures;
  }

  int calls(int node) {
    return servers[node].calls;
  }

  /** Returns how many times the mean of all nodes the busiest was asked. */
  double mostCallsToMean() {
    int[] calls = Arrays.stream(servers).mapToInt(server -> server.calls).toArray();
    return Arrays.stream(calls).max().orElseThrow() / Arrays.stream(calls).average().orElseThrow();
  }

  /** Returns the most calls that a node had open at a time, in relation to its workers. */
  double mostOpenToWorkers() {
    return Arrays.stream(servers).mapToInt(server -> server.most).max().orElseThrow()
        / (double) WORKERS;
  }

  /** Returns a quantile of the times of calls that succeeded, in relation to the work's mean. */
  double quantile(double quantile) {
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[(int) (quantile * sorted.length)] / WORK_NANOS;
  }

  private record Work(Balanced.Taken taken, double nanos, long start) {}

  private final class Server {

    private final ArrayDeque<Work> waiting = new ArrayDeque<>();
    private double slowness = 1;
    private int calls;
    private int open;
    private int most;
    private int working;

    void accept(Work work) {
      calls++;
      open++;
      most = Math.max(most, open);
      if (slowness == FAILED) {
        time.timer(FAILURE_NANOS, () -> end(work, false));
      } else if (working < WORKERS) {
        begin(work);
      } else {
        waiting.add(work);
      }
    }

    private void begin(Work work) {
      working++;
      time.timer(
          (long) (work.nanos() * slowness),
          () -> {
            working--;
            end(work, true);
            Work next = waiting.poll();
            if (next != null) {
              begin(next);
            }
          });
    }

    private void end(Work work, boolean hasSucceeded) {
      open--;
      if (hasSucceeded) {
        times.add((double) (time.nanoTime() - work.start()));
      } else {
        failures++;
      }
      work.taken().end(hasSucceeded);
    }
  }
}
