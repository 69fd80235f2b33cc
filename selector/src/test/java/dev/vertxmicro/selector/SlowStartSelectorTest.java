// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that come to a service, and nodes that are taken back. */
class SlowStartSelectorTest {

  private static final int CALLS = 10_000;

  static Stream<Strategy> strategies() {
    return Strategy.names().stream()
        .filter(name -> !name.equals("first")) // the first is always an old one
        .map(Strategy::named);
  }

  private static Cluster cluster(Strategy strategy) {
    Cluster cluster = new Cluster(strategy, new SelectorOptions()).with("old", 4);
    cluster.call();
    return cluster;
  }

  /** Returns the calls that a node with the prefix gets for each that an old one gets. */
  private static double share(Cluster cluster, String id) {
    Map<String, Integer> calls = cluster.calls(CALLS);
    double old =
        calls.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("old"))
                .mapToInt(Map.Entry::getValue)
                .sum()
            / 4.0;
    return calls.getOrDefault(id, 0) / old;
  }

  @Test
  void nodesThatAServiceHasFromTheStartAreNotNew() {
    Cluster cluster = new Cluster(Strategy.roundRobin(), new SelectorOptions()).with("old", 4);

    cluster.calls(400).forEach((id, count) -> assertEquals(100, count, id));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void newNodeGetsItsWorkStepByStep(Strategy strategy) {
    Cluster cluster = cluster(strategy);
    cluster.with("new", 1);

    for (int second = 0; second <= 10; second++) {
      cluster.call();

      assertEquals(Math.max(0.1, second / 10.0), share(cluster, "new0"), 0.1, second + " s");
      cluster.pass(Duration.ofSeconds(1));
    }
  }

  @Test
  void nodeThatWasTakenBackStartsSlowly() {
    Cluster cluster = cluster(Strategy.roundRobin());
    cluster.with("other", 1).call();
    cluster.pass(Duration.ofSeconds(11));
    cluster.call();
    assertEquals(1, share(cluster, "other0"), 0.02);

    cluster.fails("other0");
    assertEquals(0, share(cluster, "other0"));
    cluster.pass(Duration.ofSeconds(5));

    assertEquals("other0", cluster.call(), "the probe");
    assertEquals(0.1, share(cluster, "other0"), 0.02);
    cluster.pass(Duration.ofSeconds(5));
    cluster.call();
    assertEquals(0.5, share(cluster, "other0"), 0.02);
  }

  @Test
  void nodesThatWerePickedInPanicGoOnAtOnce() {
    // given 4 nodes of which 2 are ejected, and 2 more fail
    Cluster cluster = cluster(Strategy.roundRobin());
    for (int i = 0; i < 4; i++) {
      cluster.fails("old" + i);
    }
    assertEquals(4, cluster.calls(100).size());

    cluster.pass(Duration.ofSeconds(6));
    cluster.calls(8);

    cluster.calls(400).forEach((id, count) -> assertEquals(100, count, 1, id));
  }

  @Test
  void nodeAtAnotherAddressIsNew() {
    Cluster cluster = cluster(Strategy.roundRobin());

    cluster.moves("old3").call();

    Map<String, Integer> calls = cluster.calls(3_100);
    assertEquals(1_000, calls.get("old0"), 2);
    assertEquals(100, calls.get("old3"), 2);
  }

  @Test
  void nodesThatAreAllNewGetTheirWorkAtOnce() {
    Cluster cluster = cluster(Strategy.roundRobin());

    cluster.without(id -> true).with("new", 2);
    cluster.call();
    cluster.pass(Duration.ofSeconds(3));
    cluster.with("late", 1);

    Map<String, Integer> calls = cluster.calls(2_100);
    assertEquals(1_000, calls.get("new0"), 2);
    assertEquals(1_000, calls.get("new1"), 2);
    assertEquals(100, calls.get("late0"), 2);
  }

  @Test
  void nodesThatAreAllNewForTheFiltersOfACallGetItsWorkAtOnce() {
    Cluster cluster = cluster(Strategy.roundRobin());
    cluster.with("new", 1, "v", "2").call();
    cluster.pass(Duration.ofSeconds(4));
    cluster.with("newer", 1, "v", "2").call();

    Map<String, Integer> calls = cluster.calls(1_000, SelectOption.label("v", "2"));

    assertEquals(500, calls.get("new0"), 1);
    assertEquals(0.1, share(cluster, "newer0"), 0.02);
  }

  @Test
  void nodesThatAreAllNewInAZoneShareItsWork() {
    Cluster cluster =
        new Cluster(Strategy.roundRobin(), new SelectorOptions().setZone("east"))
            .with("old", 2, "zone", "west");
    cluster.call();
    cluster.with("new", 1, "zone", "east").call();
    cluster.pass(Duration.ofSeconds(4));
    cluster.with("newer", 1, "zone", "east").call();

    assertEquals(Map.of("new0", 50, "newer0", 50), cluster.calls(100));
  }

  @Test
  void nodeThatComesBackIsNotNew() {
    Cluster cluster = cluster(Strategy.roundRobin()).with("some", 1);
    cluster.call();
    cluster.pass(Duration.ofSeconds(20));
    cluster.call();

    cluster.without(id -> id.equals("some0")).call();
    cluster.with("some", 1).call();

    assertEquals(1, share(cluster, "some0"), 0.02);
  }

  @Test
  void resetEndsTheSlowStart() {
    Cluster cluster = cluster(Strategy.roundRobin()).with("new", 1);
    cluster.call();
    assertEquals(0.1, share(cluster, "new0"), 0.02);

    cluster.selector().reset("greeter");
    cluster.pass(Duration.ofSeconds(1));
    cluster.call();

    assertEquals(1, share(cluster, "new0"), 0.02);
  }

  @Test
  void slowStartCanBeSwitchedOff() {
    Cluster cluster =
        new Cluster(Strategy.roundRobin(), new SelectorOptions().setSlowStart(Duration.ZERO))
            .with("old", 4);
    cluster.call();

    cluster.with("new", 1);

    assertEquals(1, share(cluster, "new0"), 0.02);
  }

  @Test
  void pickersAreMadeOnceAStepHoweverManyNodesStart() {
    AtomicInteger pickers = new AtomicInteger();
    Strategy counting = new Counting(pickers);
    Cluster cluster = cluster(counting);
    for (int i = 0; i < 200; i++) {
      cluster.with("new" + i + "-", 1);
    }
    cluster.call();
    pickers.set(0);

    for (int millis = 0; millis < 20_000; millis += 10) {
      cluster.pass(Duration.ofMillis(10));
      cluster.call();
    }

    assertTrue(pickers.get() > 5 && pickers.get() <= SlowStart.STEPS + 1, pickers + " pickers");
  }

  private record Counting(AtomicInteger pickers) implements Strategy {
    @Override
    public Balancer newBalancer(RandomGenerator random) {
      Balancer balancer = Strategy.random().newBalancer(random);
      return candidates -> {
        pickers.incrementAndGet();
        return balancer.picker(candidates);
      };
    }
  }
}
