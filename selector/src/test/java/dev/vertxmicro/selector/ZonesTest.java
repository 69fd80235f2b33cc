// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZonesTest {

  private static final int CALLS = 20_000;

  private static Cluster cluster(SelectorOptions options) {
    return new Cluster(Strategy.random(), options)
        .with("near", 10, "zone", "east")
        .with("far", 6, "zone", "west")
        .with("none", 4);
  }

  private static SelectorOptions east() {
    return new SelectorOptions().setZone("east");
  }

  @Test
  void allCallsStayInTheZoneWhileItIsHealthy() {
    Map<String, Integer> calls = cluster(east()).calls(CALLS);

    assertEquals(10, calls.size());
    assertTrue(calls.keySet().stream().allMatch(id -> id.startsWith("near")), calls.toString());
  }

  @ParameterizedTest
  @CsvSource({"3, 0", "4, 0.142857", "5, 0.285714", "8, 0.714286", "10, 1"})
  void whatTheZoneCannotTakeLeavesIt(int ejected, double away) {
    Cluster cluster = cluster(east());
    cluster.call();

    cluster.health(Health.EJECTED, id -> id.startsWith("near") && number(id) < ejected);
    Map<String, Integer> calls = cluster.calls(CALLS);

    int near = sum(calls, "near");
    assertEquals(CALLS * (1 - away), near, 4 * Math.sqrt(CALLS * away * (1 - away)));
    assertEquals(CALLS - near, sum(calls, "far") + sum(calls, "none"));
    // Elsewhere each node gets the same, whatever its zone.
    assertEquals(
        0.6 * (CALLS - near), sum(calls, "far"), 5 * Math.sqrt(CALLS * away * 0.24) + 1e-9);
  }

  private static int number(String id) {
    return Integer.parseInt(id.replaceAll("\\D", ""));
  }

  private static int sum(Map<String, Integer> calls, String prefix) {
    return calls.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  @Test
  void nothingLeavesAnyMoreOnceTheZoneHasRecovered() {
    Cluster cluster = cluster(east());
    cluster.call();
    cluster.health(Health.EJECTED, id -> id.startsWith("near"));
    assertEquals(0, cluster.part("near", 100));

    cluster.health(Health.HEALTHY, id -> true);

    assertEquals(1, cluster.part("near", 1_000));
  }

  @Test
  void nodesThatFailButCouldNotBeEjectedCountAsMissing() {
    Cluster cluster = cluster(east());
    cluster.call();

    cluster.health(Health.FAILING, id -> id.startsWith("near") && number(id) < 5);

    assertEquals(0.7143, cluster.part("near", CALLS), 0.02);
  }

  @Test
  void thresholdIsConfigurable() {
    Cluster cluster = cluster(east().setSpillThreshold(0));
    cluster.call();
    cluster.health(Health.EJECTED, id -> id.startsWith("near") && number(id) < 9);

    assertEquals(1, cluster.part("near9", 1_000));
  }

  @Test
  void callGoesElsewhereWhenItHasTriedTheWholeZone() {
    List<String> order = cluster(east()).order();

    assertEquals(20, Set.copyOf(order).size());
    assertTrue(order.subList(0, 10).stream().allMatch(id -> id.startsWith("near")));
  }

  @Test
  void callThatLeavesComesBackWhenItHasTriedAllElsewhere() {
    Cluster cluster = cluster(east());
    cluster.call();
    cluster.health(Health.EJECTED, id -> id.startsWith("near") && number(id) < 9);

    for (int i = 0; i < 100; i++) {
      assertEquals(11, Set.copyOf(cluster.order()).size());
    }
  }

  @Test
  void panicStaysInTheZone() {
    // given that more than half of all nodes are ejected, all are picked as if they were healthy
    Cluster cluster = cluster(east());
    cluster.call();
    cluster.health(Health.EJECTED, id -> id.startsWith("near") || id.startsWith("none"));

    assertEquals(10, cluster.calls(1_000).size());
    assertEquals(1, cluster.part("near", 1_000));
  }

  @Test
  void zoneWithoutNodesSendsAllElsewhere() {
    assertEquals(20, cluster(new SelectorOptions().setZone("north")).calls(CALLS).size());
    assertEquals(20, cluster(new SelectorOptions()).calls(CALLS).size());
  }

  @Test
  void keyOfTheMetadataIsConfigurable() {
    Cluster cluster =
        new Cluster(Strategy.random(), new SelectorOptions().setZone("a").setZoneKey("rack"))
            .with("near", 2, "rack", "a", "zone", "b")
            .with("far", 2, "rack", "b", "zone", "a");

    assertEquals(Set.of("near0", "near1"), cluster.calls(100).keySet());
  }

  @Test
  void equalKeysGoTheSameWay() {
    Cluster cluster = cluster(east());
    cluster.call();
    cluster.health(Health.EJECTED, id -> id.startsWith("near") && number(id) < 5);
    Map<Integer, Boolean> leaves = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      int key = i % 2_000;
      boolean isFar = !cluster.call(SelectOption.key("user-" + key)).startsWith("near");
      assertEquals(leaves.computeIfAbsent(key, missing -> isFar), isFar);
    }

    long away = leaves.values().stream().filter(isFar -> isFar).count();
    assertEquals(0.2857 * 2_000, away, 5 * Math.sqrt(2_000 * 0.2857 * 0.7143));
  }
}
