// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Simulated traffic on virtual time: calls arrive at random (Poisson), each takes one pick and ends
 * after a random time (exponential, 10 ms on average for a healthy node). Shows what a strategy
 * does by itself: nodes are not ejected unless asked for.
 */
final class Traffic {

  private static final double MEAN_NANOS = 10_000_000;
  private static final Outcome FAILED =
      Outcome.failed(RpcException.client(GrpcStatus.UNAVAILABLE, "connection refused").build());

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final List<Node> nodes = new ArrayList<>();
  private final Selector selector;
  private final SplittableRandom random;
  private final Map<String, Double> slowness = new HashMap<>();
  private final Map<String, Long> cancels = new HashMap<>();
  private final Map<String, Boolean> failing = new HashMap<>();
  private final Map<String, Integer> picks = new TreeMap<>();
  private final Map<String, Integer> answers = new TreeMap<>();

  Traffic(Strategy strategy, int nodes, long seed) {
    this(strategy, EjectionOptions.off(), nodes, seed);
  }

  Traffic(Strategy strategy, EjectionOptions ejection, int nodes, long seed) {
    this.random = new SplittableRandom(seed);
    this.selector =
        Selector.builder(registry, time)
            .strategy(strategy)
            .ejection(ejection)
            .random(random.split())
            .build();
    for (int i = 0; i < nodes; i++) {
      this.nodes.add(Node.of("n" + i, "127.0.0.1:" + (9000 + i)));
    }
    publish();
  }

  private void publish() {
    registry.answer(Service.builder("greeter").build().withNodes(nodes));
  }

  void join(String id) {
    nodes.add(Node.of(id, "127.0.0.1:8000"));
    publish();
  }

  void join(String id, String weight) {
    nodes.add(Node.builder(id, "127.0.0.1:8000").metadata(Node.WEIGHT, weight).build());
    publish();
  }

  void slow(String id, double times) {
    slowness.put(id, times);
  }

  void hang(String id) {
    slowness.put(id, Double.POSITIVE_INFINITY);
  }

  void fail(String id) {
    failing.put(id, true);
  }

  void cancelAfter(String id, Duration after) {
    hang(id);
    cancels.put(id, after.toNanos());
  }

  void recover(String id) {
    failing.remove(id);
    slowness.remove(id);
  }

  void pass(Duration duration) {
    time.advance(duration);
  }

  /** Starts {@code calls} calls so that about {@code inFlight} healthy ones are open at a time. */
  void run(int calls, double inFlight) {
    for (int i = 0; i < calls; i++) {
      call(inFlight);
    }
  }

  void runUntilAnswered(String id, double inFlight) {
    int before = answers(id);
    int slow = 0;
    while (answers(id) == before || slow == 0) {
      int picked = picks(id);
      call(inFlight);
      slow += picks(id) - picked;
      if (slow > 1_000) {
        throw new AssertionError(id + " never answered: " + this);
      }
    }
  }

  private void call(double inFlight) {
    time.advance(Duration.ofNanos((long) (exponential() * MEAN_NANOS / inFlight)));
    Pick pick = selector.select("greeter").result().next();
    String id = pick.node().id();
    picks.merge(id, 1, Integer::sum);
    double length = exponential() * MEAN_NANOS * slowness.getOrDefault(id, 1.0);
    if (failing.containsKey(id)) {
      time.timer(100_000, () -> pick.done(FAILED));
    } else if (cancels.containsKey(id)) {
      time.timer(cancels.get(id), () -> pick.done(Outcome.CANCELLED));
    } else if (length < Double.POSITIVE_INFINITY) {
      time.timer(
          (long) length,
          () -> {
            answers.merge(id, 1, Integer::sum);
            pick.done(Outcome.SUCCESS);
          });
    }
  }

  private double exponential() {
    return -Math.log(1 - random.nextDouble());
  }

  /** Starts to count anew. */
  void forget() {
    picks.clear();
    answers.clear();
  }

  int picks(String id) {
    return picks.getOrDefault(id, 0);
  }

  int answers(String id) {
    return answers.getOrDefault(id, 0);
  }

  int most() {
    return picks.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
  }

  @Override
  public String toString() {
    return "picks " + picks + ", answers " + answers;
  }
}
