// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightedRoundRobinStrategyTest extends StrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.weightedRoundRobin();
  }

  private static List<Candidate> weighing(double... weights) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      nodes.add(
          Node.builder("n" + i, "127.0.0.1:1").metadata(Node.WEIGHT, "" + weights[i]).build());
    }
    return Candidates.of(Strategy.weightedRoundRobin(), nodes);
  }

  private static Balancer balancer(long first) {
    return new WeightedRoundRobinStrategy.Turns(first, new SplittableRandom(8));
  }

  private static Map<String, Integer> picks(Picker picker, int count) {
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
    }
    return picks;
  }

  @Test
  void sharesAreExactOverEachCycle() {
    Picker picker = balancer(0).picker(weighing(8, 4, 2, 1));

    for (int cycle = 0; cycle < 1_000; cycle++) {
      assertEquals(Map.of("n0", 8, "n1", 4, "n2", 2, "n3", 1), picks(picker, 15));
    }
  }

  @Test
  void sharesAreNeverOffByMoreThanOneAndABit() {
    double[] weights = {4, 1, 1, 2.5, 0.5};
    Picker picker = balancer(12_345).picker(weighing(weights));
    Map<String, Integer> picks = new TreeMap<>();

    for (int total = 1; total <= 5_000; total++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
      for (int i = 0; i < weights.length; i++) {
        double share = total * weights[i] / 9;
        assertEquals(share, picks.getOrDefault("n" + i, 0), 1.5, "n" + i + " after " + total);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Integer.MAX_VALUE - 5L, (1L << 32) - 5, Long.MAX_VALUE - 5})
  void equalWeightsTakeTurnsAcrossTheWrapOfEverySignedCounter(long first) {
    Picker picker = balancer(first).picker(weighing(3, 3, 3));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(picker.pick(Candidates.FRESH, 0).id());
    }

    assertEquals(Set.of("n0", "n1", "n2"), Set.copyOf(ids.subList(0, 3)));
    for (int i = 3; i < 12; i++) {
      assertEquals(ids.get(i - 3), ids.get(i));
    }
  }

  @Test
  void upToAHundredNodesNoWeightIsClamped() {
    double[] weights = new double[100];
    Arrays.fill(weights, 1);
    weights[50] = 10_000;

    Map<String, Integer> picks = picks(balancer(0).picker(weighing(weights)), 10 * 10_099);

    assertEquals(100_000, picks.get("n50"), 1);
    assertEquals(10, picks.get("n0"), 1);
  }

  @Test
  void weightAboveAHundredTimesTheMeanCountsAsThat() {
    double[] weights = new double[1_000];
    Arrays.fill(weights, 1);
    weights[0] = 99_001; // the mean is 100, so this counts as 10,000

    Map<String, Integer> picks = picks(balancer(0).picker(weighing(weights)), 109_990);

    assertEquals(100_000, picks.get("n0"), 1);
  }

  @Test
  void tinyWeightIsStillPicked() {
    Map<String, Integer> picks = picks(balancer(0).picker(weighing(1, 1e-6)), 10_000_010);

    assertEquals(10, picks.get("n1"), 1);
  }

  @Test
  void turnGoesOnWhenTheNodesChange() {
    Balancer balancer = balancer(0);
    List<Candidate> nodes = weighing(1, 1);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ids.add(balancer.picker(nodes).pick(Candidates.FRESH, 0).id());
    }

    assertEquals(List.of("n0", "n1", "n0", "n1", "n0", "n1"), ids);
  }

  @Test
  void retriesAreSpreadByWeightOverTheUntried() {
    Picker picker = balancer(0).picker(weighing(100, 3, 1));
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      picks.merge(picker.pick(Candidates.having(Set.of("n0")), 0).id(), 1, Integer::sum);
    }

    ChiSquare.assertShares(picks, Map.of("n1", 3.0, "n2", 1.0));
    assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
  }

  @Test
  void sharesAreExactFromSeveralThreads() throws Exception {
    Picker picker = balancer(0).picker(weighing(3, 2, 1));
    Map<String, Integer> picks = new ConcurrentHashMap<>();
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  picks(picker, 20_000).forEach((id, n) -> picks.merge(id, n, Integer::sum));
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> each : running) {
        each.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertEquals(30_000, picks.get("n0"), 2);
    assertEquals(20_000, picks.get("n1"), 2);
    assertTrue(Math.abs(picks.get("n2") - 10_000) <= 2, picks.toString());
  }
}
