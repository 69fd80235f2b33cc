// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Strategies that treat equal nodes alike, seen through a selector with all its defaults. */
class EvennessTest {

  private static final int CALLS = 100_000;

  static Stream<Arguments> fleets() {
    return Stream.of(
            "random",
            "round-robin",
            "weighted-round-robin",
            "least-requests",
            "power-of-two-least-requests",
            "ring-hash",
            "maglev",
            "shard")
        .flatMap(name -> Stream.of(20, 1_000).map(nodes -> Arguments.of(name, nodes)));
  }

  @ParameterizedTest
  @MethodSource("fleets")
  void callsThatDoNotOverlapAreSpreadByChanceAtMost(String name, int nodes) {
    Fleet fleet = new Fleet(Strategy.named(name), new EjectionOptions(), nodes, 4);
    Map<String, Integer> calls = new TreeMap<>();

    for (int i = 0; i < CALLS; i++) {
      calls.merge(fleet.call(), 1, Integer::sum);
    }

    ChiSquare.assertEven(calls, nodes);
  }

  @ParameterizedTest
  @MethodSource("fleets")
  void callsThatOverlapAreSpreadByChanceAtMost(String name, int nodes) {
    Fleet fleet = new Fleet(Strategy.named(name), new EjectionOptions(), nodes, 5);
    Map<String, Integer> calls = new TreeMap<>();

    for (int i = 0; i < CALLS / 10; i++) {
      Pick[] open = new Pick[10];
      for (int j = 0; j < open.length; j++) {
        open[j] = fleet.pick();
        calls.merge(open[j].node().id(), 1, Integer::sum);
      }
      fleet.pass(Duration.ofMillis(1));
      for (Pick pick : open) {
        fleet.end(pick);
      }
    }

    ChiSquare.assertEven(calls, nodes);
  }
}
