// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundRobinStrategyTest extends StrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.roundRobin();
  }

  private static List<String> picks(Picker picker, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(picker.pick(Candidates.FRESH, 0).id());
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Integer.MAX_VALUE - 1L, (1L << 32) - 2, Long.MAX_VALUE - 1})
  void nodesTakeTurnsAcrossTheWrapOfEverySignedCounter(long first) {
    Picker picker =
        new RoundRobinStrategy.Turns(first).picker(Candidates.of(Strategy.roundRobin(), 3));

    List<String> ids = picks(picker, 9);

    for (int i = 3; i < 9; i++) {
      assertEquals(ids.get(i - 3), ids.get(i));
    }
    assertEquals(Set.of("n0", "n1", "n2"), Set.copyOf(ids.subList(0, 3)));
  }

  @Test
  void turnGoesOnAcrossCallsAndChangesOfTheNodes() {
    ScriptedRegistry registry = new ScriptedRegistry();
    Selector selector =
        Selector.builder(registry, new FakeTimeSource())
            .strategy(Strategy.roundRobin())
            .random(new SplittableRandom(3))
            .build();
    Service greeter =
        Service.builder("greeter")
            .node(Node.of("a", "127.0.0.1:1"))
            .node(Node.of("b", "127.0.0.1:2"))
            .build();
    List<String> ids = new ArrayList<>();

    for (int call = 0; call < 6; call++) {
      registry.answer(greeter); // the same nodes in another list
      ids.add(selector.select("greeter").result().next().node().id());
    }

    for (int i = 1; i < 6; i++) {
      assertEquals(!ids.get(i - 1).equals("a"), ids.get(i).equals("a"), ids.toString());
    }
  }

  @Test
  void filtersTakeTheirTurnsApart() {
    // given two kinds of calls that alternate over two nodes: on one counter each kind would
    // always meet the same node
    ScriptedRegistry registry = new ScriptedRegistry();
    registry.answer(
        Service.builder("greeter")
            .version("1")
            .node(Node.of("a", "127.0.0.1:1"))
            .node(Node.of("b", "127.0.0.1:2"))
            .build());
    Selector selector =
        Selector.builder(registry, new FakeTimeSource()).strategy(Strategy.roundRobin()).build();
    List<String> plain = new ArrayList<>();
    List<String> filtered = new ArrayList<>();

    for (int call = 0; call < 4; call++) {
      plain.add(selector.select("greeter").result().next().node().id());
      filtered.add(
          selector.select("greeter", SelectOption.version("1")).result().next().node().id());
    }

    assertEquals(Set.of("a", "b"), Set.copyOf(plain.subList(0, 2)));
    assertEquals(Set.of("a", "b"), Set.copyOf(filtered.subList(0, 2)));
  }

  @Test
  void triedNodesLoseTheirTurn() {
    Picker picker = new RoundRobinStrategy.Turns(0).picker(Candidates.of(Strategy.roundRobin(), 3));

    assertEquals("n2", picker.pick(Candidates.having(Set.of("n0", "n1")), 0).id());
    assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
    assertEquals("n0", picker.pick(Candidates.FRESH, 0).id());
  }
}
