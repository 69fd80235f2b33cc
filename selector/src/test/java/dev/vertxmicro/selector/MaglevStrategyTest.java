// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaglevStrategyTest extends KeyedStrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.maglev();
  }

  @Override
  protected double mostOverMean() {
    return 1.1;
  }

  @Override
  protected double mostMovedBeside() {
    return 0.05;
  }

  private static Selector selector(Strategy strategy, List<Node> nodes) {
    ScriptedRegistry registry = new ScriptedRegistry();
    registry.answer(Service.builder("greeter").build().withNodes(nodes));
    return Selector.builder(registry, new FakeTimeSource()).strategy(strategy).build();
  }

  private static Pick pick(Selector selector, String key) {
    return selector.select("greeter", SelectOption.key(key)).result().next();
  }

  @Test
  void keysFollowTheWeights() {
    List<Node> nodes = new ArrayList<>(nodes(8));
    nodes.add(weighing("double", 2));
    nodes.add(weighing("half", 0.5));

    Map<String, Integer> counts = counts(owners(picker(nodes), 105_000));

    assertEquals(20_000, counts.get("double"), 600, counts.toString());
    assertEquals(5_000, counts.get("half"), 300, counts.toString());
  }

  @Test
  void oneKeyThatEverybodyAsksForIsSpreadWithinTheBound() {
    Selector selector = selector(strategy(), nodes(20));
    Map<String, Integer> open = new TreeMap<>();

    for (int total = 0; total < 1_000; total++) {
      String id = pick(selector, "hot").node().id();
      int most = (int) Math.ceil(1.25 * (total + 1) / 20);
      assertTrue(open.merge(id, 1, Integer::sum) <= most, id + " of " + open);
    }

    assertEquals(16, open.size(), "1 / 1.25 of the nodes are full");
  }

  @Test
  void boundIsInProportionToTheWeight() {
    List<Node> nodes = new ArrayList<>(nodes(8));
    nodes.add(weighing("double", 2));
    Selector selector = selector(strategy(), nodes);
    Map<String, Integer> open = new TreeMap<>();
    for (int i = 0; i < 800; i++) {
      open.merge(pick(selector, "user-" + i % 3).node().id(), 1, Integer::sum);
    }

    assertTrue(open.get("double") <= 200, open.toString());
    assertTrue(open.get("double") >= 120, open.toString());
    open.remove("double");
    open.values().forEach(each -> assertTrue(each <= 100, open.toString()));
  }

  @Test
  void keyReturnsToItsNodeWhenTheLoadIsGone() {
    Selector selector = selector(strategy(), nodes(20));
    String home = owner(picker(nodes(20)), "hot");
    Deque<Pick> open = new ArrayDeque<>();
    for (int i = 0; i < 100; i++) {
      open.add(pick(selector, "hot"));
    }

    open.forEach(pick -> pick.done(Outcome.SUCCESS));

    for (int i = 0; i < 100; i++) {
      Pick pick = pick(selector, "hot");
      assertEquals(home, pick.node().id());
      pick.done(Outcome.SUCCESS);
    }
  }

  @Test
  void overflowOfOneNodeIsSharedByTheOthers() {
    // given many keys that live on one node, each with a call that stays open
    List<Node> nodes = nodes(20);
    Picker calm = picker(nodes);
    Selector selector = selector(strategy(), nodes);
    Map<String, Integer> open = new TreeMap<>();
    int calls = 0;
    for (int key = 0; calls < 400; key++) {
      if (owner(calm, "user-" + key).equals("greeter-0")) {
        open.merge(pick(selector, "user-" + key).node().id(), 1, Integer::sum);
        calls++;
      }
    }

    open.remove("greeter-0");
    assertEquals(19, open.size());
    assertTrue(open.values().stream().allMatch(each -> each >= 5), open.toString());
  }

  @Test
  void withoutABoundTheKeyStays() {
    Selector selector = selector(Strategy.maglev(65_537, Double.POSITIVE_INFINITY), nodes(20));
    String home = pick(selector, "hot").node().id();

    for (int i = 0; i < 100; i++) {
      assertEquals(home, pick(selector, "hot").node().id());
    }
  }

  @Test
  void firstInOrderIsPickedWhenAllThatAreLeftAreFull() {
    List<Candidate> candidates = Candidates.of(strategy(), nodes(3));
    Picker picker = strategy().newBalancer(ThreadRandom.INSTANCE).picker(candidates);
    String home = owner(picker, "hot");
    candidates.forEach(node -> node.state().started(0));

    assertEquals(home, picker.pick(Candidates.request("hot", Set.of(), 0), 0).id());
  }

  @Test
  void weightsOfAnySizeAreTaken() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      nodes.add(weighing("huge-" + i, 1.7e308));
    }
    nodes.add(weighing("tiny", 1e-300));

    Map<String, Integer> counts = counts(owners(picker(nodes), 10_000));

    assertTrue(counts.size() > 990, "owners: " + counts.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {250, 4, 65_536, 5_000_013, -7})
  void tableSizesThatAreNoPrimeInTheRangeAreRefused(int size) {
    assertEquals(
        "tableSize: " + size + " (expected: a prime number from 251 to 5000011)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.maglev(size, 2)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0, -1, 1.04, Double.NaN})
  void loadFactorsOutOfRangeAreRefused(double factor) {
    assertEquals(
        "loadFactor: " + factor + " (expected: 1.05 or more, infinity for no bound)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.maglev(251, factor))
            .getMessage());
  }

  @Test
  void descriptionsWithOtherOptionsDiffer() {
    assertNotEquals(Strategy.maglev(), Strategy.maglev(65_537, 2));
    assertNotEquals(Strategy.maglev(), Strategy.maglev(251, 1.25));
    assertEquals(Strategy.maglev(), Strategy.maglev(65_537, 1.25));
    assertEquals("Strategy.maglev(tableSize=65537, loadFactor=1.25)", Strategy.maglev().toString());
  }
}
