// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Many clients of many nodes. */
class SubsetSelectorTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final MapRegistry registry = new MapRegistry();
  private int clients;

  private void serve(int nodes, String... metadata) {
    String prefix = String.join("-", metadata);
    for (int i = 0; i < nodes; i++) {
      registry.add("greeter", prefix + "node" + i, metadata);
    }
  }

  private Selector client(SelectorOptions options) {
    return Selector.builder(registry, time)
        .strategy(Strategy.roundRobin())
        .options(options.setSubsetting(true))
        .random(new SplittableRandom(clients++))
        .build();
  }

  private static SelectorOptions own(String node) {
    return new SelectorOptions().setOwnService("web").setOwnNode(node);
  }

  private static Map<String, Integer> calls(Selector client, int count) {
    Map<String, Integer> calls = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Pick pick = client.select("greeter").result().next();
      pick.done(Outcome.SUCCESS);
      calls.merge(pick.node().id(), 1, Integer::sum);
    }
    return calls;
  }

  @Test
  void unregisteredClientsUseTheSquareRootOfTheNodes() {
    serve(400);
    Set<Set<String>> subsets = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      Selector client = client(new SelectorOptions());
      Set<String> used = calls(client, 1_000).keySet();
      assertEquals(20, used.size());
      assertEquals(used, calls(client, 1_000).keySet());
      subsets.add(used);
    }

    assertEquals(10, subsets.size());
  }

  @Test
  void clientsOfOneServiceUseAllNodesEvenly() {
    serve(100);
    for (int i = 0; i < 25; i++) {
      registry.add("web", "web" + i);
    }
    Map<String, Integer> load = new HashMap<>();
    Map<String, Set<Integer>> connections = new HashMap<>();
    int most = 0;
    for (int i = 0; i < 25; i++) {
      int id = i;
      Map<String, Integer> calls = calls(client(own("web" + i)), 4_000);
      most = Math.max(most, calls.size());
      calls.forEach(
          (node, count) -> {
            load.merge(node, count, Integer::sum);
            connections.computeIfAbsent(node, missing -> new TreeSet<>()).add(id);
          });
    }

    // 25 clients of 100 nodes, at least 12 each: slices of 12, so each node has 3 clients.
    assertEquals(12, most);
    assertEquals(100, load.size());
    load.forEach((node, count) -> assertEquals(1_000, count, 10, node));
    connections.forEach((node, ids) -> assertEquals(3, ids.size(), node));
  }

  @Test
  void nodesThatTwoClientsShareGetTheirShareFromEach() {
    // 7 clients of 100 nodes: slices of 14.28 nodes, so that nodes at the edges are split
    serve(100);
    for (int i = 0; i < 7; i++) {
      registry.add("web", "web" + i);
    }
    Map<String, Integer> load = new HashMap<>();
    for (int i = 0; i < 7; i++) {
      Map<String, Integer> calls = calls(client(own("web" + i)), 50_000);
      assertTrue(calls.size() >= 15 && calls.size() <= 16, calls.size() + " nodes");
      calls.forEach((node, count) -> load.merge(node, count, Integer::sum));
    }

    assertEquals(100, load.size());
    load.forEach((node, count) -> assertEquals(3_500, count, 40, node));
  }

  @Test
  void subsetFollowsTheClientsThatComeAndGo() {
    serve(100);
    registry.add("web", "web0");
    registry.add("web", "web1");
    Selector client = client(own("web0"));
    assertEquals(50, calls(client, 1_000).size());

    registry.remove("web", "web1");
    time.advance(Duration.ofSeconds(1));
    calls(client, 1);

    assertEquals(100, calls(client, 1_000).size());
    for (int i = 2; i < 10; i++) {
      registry.add("web", "web" + i);
    }
    time.advance(Duration.ofSeconds(1));
    calls(client, 1);
    assertTrue(calls(client, 1_000).size() <= 24);
  }

  @Test
  void clientThatIsNotRegisteredYetGoesByItsSeed() {
    serve(100);
    registry.add("web", "web0");
    Selector client = client(own("web1"));
    assertEquals(12, calls(client, 1_000).size());

    registry.add("web", "web1");
    time.advance(Duration.ofSeconds(1));
    calls(client, 1);

    assertEquals(50, calls(client, 1_000).size());
  }

  @Test
  void anOutageOfTheRegistryAndAnAnswerWithoutAnyNodeChangeNothing() {
    serve(100);
    registry.add("web", "web0");
    registry.add("web", "web1");
    Selector client = client(own("web0"));
    Set<String> before = calls(client, 1_000).keySet();
    assertEquals(50, before.size());

    registry.fail("web");
    time.advance(Duration.ofSeconds(5));
    calls(client, 1);
    assertEquals(before, calls(client, 1_000).keySet());

    registry.add("web", "web0");
    registry.remove("web", "web0");
    registry.remove("web", "web1");
    time.advance(Duration.ofSeconds(5));
    calls(client, 1);
    assertEquals(before, calls(client, 1_000).keySet());
  }

  @Test
  void ownServiceIsLookedUpOnceASecondAtMost() {
    serve(100);
    registry.add("web", "web0");
    Selector client = client(own("web0"));
    calls(client, 1_000);
    Selector without = client(new SelectorOptions());
    int start = registry.lookUps();
    calls(without, 1_000);
    int perThousandCalls = registry.lookUps() - start;

    int before = registry.lookUps();
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofMillis(500));
      calls(client, 100);
    }

    assertEquals(perThousandCalls + 5, registry.lookUps() - before);
  }

  @Test
  void nodesOfTheZoneAreSharedByTheClientsOfTheZone() {
    serve(60, "zone", "east");
    serve(60, "zone", "west");
    for (int i = 0; i < 4; i++) {
      registry.add("web", "web" + i, "zone", i < 2 ? "east" : "west");
    }
    Map<String, Integer> load = new HashMap<>();
    for (int i = 0; i < 4; i++) {
      Map<String, Integer> calls =
          calls(client(own("web" + i).setZone(i < 2 ? "east" : "west")), 3_000);
      assertEquals(30, calls.size());
      calls.forEach((node, count) -> load.merge(node, count, Integer::sum));
    }

    assertEquals(120, load.size());
    load.forEach((node, count) -> assertEquals(100, count, 2, node));
  }

  @Test
  void preferredNodesGetASubsetOfTheirOwn() {
    serve(400);
    registry.add("greeter", "gold0", "tier", "gold");
    registry.add("greeter", "gold1", "tier", "gold");

    for (int i = 0; i < 5; i++) {
      Selector client = client(new SelectorOptions().setPreferred(List.of("tier=gold")));
      assertEquals(Set.of("gold0", "gold1"), calls(client, 100).keySet());
    }
  }

  @Test
  void sizeIsConfigurable() {
    serve(100);

    assertEquals(5, calls(client(new SelectorOptions().setSubsetSize(5)), 1_000).size());
    assertEquals(100, calls(client(new SelectorOptions().setSubsetSize(500)), 1_000).size());
    Selector all = Selector.builder(registry, time).strategy(Strategy.roundRobin()).build();
    assertEquals(100, calls(all, 1_000).size());
  }

  @Test
  void filtersComeBeforeTheSubset() {
    serve(100);
    serve(100, "v", "2");
    Selector client = client(new SelectorOptions().setSubsetSize(5));
    Set<String> used = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      Pick pick = client.select("greeter", SelectOption.label("v", "2")).result().next();
      pick.done(Outcome.SUCCESS);
      used.add(pick.node().id());
    }

    assertEquals(5, used.size());
    assertTrue(used.stream().allMatch(id -> id.startsWith("v-2")), used.toString());
    assertNotEquals(used, calls(client, 200).keySet());
  }
}
