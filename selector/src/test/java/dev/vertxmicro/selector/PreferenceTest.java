// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreferenceTest {

  private static final SelectOption GOLD = SelectOption.prefer("tier", "gold");
  private static final SelectOption SSD = SelectOption.prefer("disk", "ssd");

  private static Cluster cluster(SelectorOptions options) {
    return new Cluster(Strategy.random(), options)
        .with("rest", 3)
        .with("ssd", 3, "disk", "ssd")
        .with("gold", 3, "tier", "gold")
        .with("both", 3, "tier", "gold", "disk", "ssd");
  }

  private static List<String> kinds(List<String> ids) {
    return ids.stream().map(id -> id.replaceAll("\\d", "")).toList();
  }

  private static void assertTiers(List<String> order, Set<String> first, Set<String> second) {
    List<String> kinds = kinds(order);
    assertEquals(12, Set.copyOf(order).size(), order.toString());
    assertEquals(first, Set.copyOf(kinds.subList(0, first.size() * 3)), order.toString());
    assertEquals(
        second,
        Set.copyOf(kinds.subList(first.size() * 3, (first.size() + second.size()) * 3)),
        order.toString());
  }

  @Test
  void nodesWithTheFirstLabelComeFirstThenThoseWithTheSecondThenTheRest() {
    Cluster cluster = cluster(new SelectorOptions());

    for (int i = 0; i < 20; i++) {
      assertTiers(cluster.order(GOLD, SSD), Set.of("gold", "both"), Set.of("ssd"));
      assertTiers(cluster.order(SSD, GOLD), Set.of("ssd", "both"), Set.of("gold"));
      assertTiers(cluster.order(GOLD), Set.of("gold", "both"), Set.of("ssd", "rest"));
    }
  }

  @Test
  void withFirstTheOrderIsThatOfGoMicrosLabelSelector() {
    // There: for each label the nodes that have it and are not yet in the list, then the rest.
    Cluster cluster =
        new Cluster(Strategy.first(), new SelectorOptions())
            .with("rest", 2)
            .with("ssd", 2, "disk", "ssd")
            .with("gold", 2, "tier", "gold")
            .with("both", 2, "tier", "gold", "disk", "ssd");

    for (int i = 0; i < 3; i++) {
      assertEquals(
          List.of("gold0", "gold1", "both0", "both1", "ssd0", "ssd1", "rest0", "rest1"),
          cluster.order(GOLD, SSD));
    }
  }

  @Test
  void strategyChoosesWithinATier() {
    Map<String, Integer> calls = cluster(new SelectorOptions()).calls(12_000, GOLD);

    assertEquals(6, calls.size());
    calls.forEach((id, count) -> assertEquals(2_000, count, 200, id));
  }

  @Test
  void tierWhoseNodesAreAllEjectedIsPassedOver() {
    Cluster cluster = cluster(new SelectorOptions());
    cluster.call(GOLD);

    cluster.health(Health.EJECTED, id -> id.startsWith("gold") || id.equals("both0"));
    assertEquals(Set.of("both1", "both2"), cluster.calls(100, GOLD).keySet());

    cluster.health(Health.EJECTED, id -> id.startsWith("both"));
    assertEquals(6, cluster.calls(200, GOLD).size());
    assertEquals(Set.of("ssd0", "ssd1", "ssd2"), cluster.calls(100, GOLD, SSD).keySet());
  }

  @Test
  void preferenceThatNoNodeMeetsChangesNothing() {
    Cluster cluster = cluster(new SelectorOptions());

    assertEquals(12, cluster.calls(1_000, SelectOption.prefer("tier", "silver")).size());
    assertEquals(6, cluster.calls(1_000, SelectOption.prefer("tier", "silver"), GOLD).size());
  }

  @Test
  void preferencesOfTheCallComeBeforeThoseOfTheSelector() {
    Cluster cluster = cluster(new SelectorOptions().setPreferred(List.of("disk=ssd")));

    assertTiers(cluster.order(), Set.of("ssd", "both"), Set.of("gold", "rest"));
    assertTiers(cluster.order(GOLD), Set.of("gold", "both"), Set.of("ssd"));
  }

  @Test
  void anyFilterMayBePreferred() {
    Cluster cluster = cluster(new SelectorOptions());
    Filter third = Filter.where("third", (service, node) -> node.id().endsWith("2"));

    List<String> order = cluster.order(SelectOption.prefer(third));

    assertTrue(order.subList(0, 4).stream().allMatch(id -> id.endsWith("2")), order.toString());
  }

  @Test
  void zoneCountsAmongNodesThatArePreferredAlike() {
    Cluster cluster =
        new Cluster(Strategy.random(), new SelectorOptions().setZone("east"))
            .with("a", 3, "zone", "west")
            .with("b", 3, "zone", "east")
            .with("c", 3, "tier", "gold", "zone", "west")
            .with("d", 3, "tier", "gold", "zone", "east");

    for (int i = 0; i < 20; i++) {
      assertEquals(
          List.of("d", "d", "d", "c", "c", "c", "b", "b", "b", "a", "a", "a"),
          kinds(cluster.order(GOLD)));
    }
  }

  @Test
  void failingPreferenceFailsTheSelectAndNamesItself() {
    IllegalStateException bug = new IllegalStateException("bug");
    Filter broken =
        Filter.where(
            "broken",
            (service, node) -> {
              throw bug;
            });

    Future<Next> failed =
        cluster(new SelectorOptions()).selector().select("greeter", SelectOption.prefer(broken));

    RpcException failure = assertInstanceOf(RpcException.class, failed.cause());
    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
    assertSame(bug, failure.getCause());
  }

  @Test
  void equalPreferencesShareARoute() {
    Cluster cluster = cluster(new SelectorOptions());
    cluster.call(GOLD);
    ServiceEntry entry = cluster.selector().entry("greeter");
    List<Filter> gold = List.of(Filter.label("tier", "gold"));

    assertSame(entry.route(List.of(), gold), entry.route(List.of(), List.copyOf(gold)));
    assertFalse(entry.route(List.of(), gold) == entry.route(gold, List.of()));
    assertFalse(entry.route(List.of(), gold) == entry.route(List.of(), List.of()));
  }

  @Test
  void optionsThatWereAppliedBeforeMeanTheSame() {
    Cluster cluster = cluster(new SelectorOptions());
    SelectOptions prepared = SelectOptions.of(GOLD, SSD);

    Next next = cluster.selector().select("greeter", prepared).result();

    String first = next.next().node().id();
    assertTrue(Set.of("gold", "both").contains(first.replaceAll("\\d", "")), first);
    assertEquals(2, prepared.getPreferred().size());
    assertTrue(prepared.toString().contains("preferred=[Label"), prepared.toString());
  }
}
