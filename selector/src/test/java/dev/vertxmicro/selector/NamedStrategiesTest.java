// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamedStrategiesTest {

  @Test
  void eachStrategyHasAName() {
    assertEquals(Strategy.random(), Strategy.named("random"));
    assertEquals(Strategy.roundRobin(), Strategy.named("round-robin"));
    assertEquals(Strategy.weightedRoundRobin(), Strategy.named("weighted-round-robin"));
    assertEquals(Strategy.leastRequests(), Strategy.named("least-requests"));
    assertEquals(Strategy.powerOfTwo(), Strategy.named("power-of-two"));
    assertEquals(Strategy.powerOfTwoLeastRequests(), Strategy.named("power-of-two-least-requests"));
    assertEquals(Strategy.ringHash(), Strategy.named("ring-hash"));
    assertEquals(Strategy.maglev(), Strategy.named("maglev"));
    assertEquals(Strategy.shard(), Strategy.named("shard"));
    assertEquals(Strategy.first(), Strategy.named("first"));
    assertEquals(10, Strategy.names().size());
    assertEquals(10, Set.copyOf(Strategy.names().stream().map(Strategy::named).toList()).size());
  }

  @Test
  void unknownNameIsRefusedWithThoseThatThereAre() {
    for (String name : List.of("roundRobin", "", "Random")) {
      assertEquals(
          "strategy: "
              + name
              + " (expected one of: [random, round-robin, weighted-round-robin, least-requests,"
              + " power-of-two, power-of-two-least-requests, ring-hash, maglev, shard, first])",
          assertThrows(IllegalArgumentException.class, () -> Strategy.named(name)).getMessage());
    }
  }

  @Test
  void namesCannotBeChanged() {
    assertThrows(UnsupportedOperationException.class, () -> Strategy.names().clear());
  }
}
