// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeastRequestsStrategyTest extends StrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.leastRequests();
  }

  private static Picker picker(List<Candidate> candidates) {
    return Strategy.leastRequests().newBalancer(new SplittableRandom(17)).picker(candidates);
  }

  private static Map<String, Integer> picks(Picker picker, int count) {
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
    }
    return picks;
  }

  private static void open(Candidate candidate, int attempts) {
    for (int i = 0; i < attempts; i++) {
      candidate.state().started(0);
    }
  }

  private static List<Candidate> weighing(String... weights) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      nodes.add(Node.builder("n" + i, "127.0.0.1:1").metadata(Node.WEIGHT, weights[i]).build());
    }
    return Candidates.of(Strategy.leastRequests(), nodes);
  }

  @Test
  void fewestInFlightIsPicked() {
    List<Candidate> nodes = Candidates.of(strategy(), 4);
    open(nodes.get(0), 3);
    open(nodes.get(1), 2);
    open(nodes.get(2), 1);
    open(nodes.get(3), 2);

    assertEquals(Map.of("n2", 100), picks(picker(nodes), 100));
  }

  @Test
  void tiesAreDecidedAtRandom() {
    List<Candidate> nodes = Candidates.of(strategy(), 20);
    open(nodes.get(4), 1);
    Map<String, Integer> picks = picks(picker(nodes), 100_000);

    assertEquals(null, picks.get("n4"));
    ChiSquare.assertEven(picks, 19);
  }

  @Test
  void idleNodesGetTheirShareByWeight() {
    Map<String, Integer> picks = picks(picker(weighing("1", "2", "5")), 80_000);

    ChiSquare.assertShares(picks, Map.of("n0", 1.0, "n1", 2.0, "n2", 5.0));
  }

  @Test
  void inFlightCountsInRelationToTheWeight() {
    List<Candidate> nodes = weighing("1", "3");
    open(nodes.get(0), 2);
    open(nodes.get(1), 5);
    assertEquals(Map.of("n1", 50), picks(picker(nodes), 50));

    open(nodes.get(1), 2);
    assertEquals(Map.of("n0", 50), picks(picker(nodes), 50));
  }

  @Test
  void openAttemptsFillUpInProportionToTheWeights() {
    List<Candidate> nodes = weighing("1", "2", "3");
    Picker picker = picker(nodes);
    for (int i = 0; i < 600; i++) {
      open(picker.pick(Candidates.FRESH, 0), 1);
    }

    assertEquals(100, nodes.get(0).inFlight(), 1);
    assertEquals(200, nodes.get(1).inFlight(), 1);
    assertEquals(300, nodes.get(2).inFlight(), 1);
  }

  @Test
  void healthComesFirst() {
    List<Candidate> nodes = Candidates.of(strategy(), 3);
    open(nodes.get(1), 7);
    open(nodes.get(2), 8);
    nodes.get(0).state().health(Health.EJECTED);
    assertEquals(Map.of("n1", 50), picks(picker(nodes), 50));

    nodes.forEach(node -> node.state().health(Health.EJECTED));
    assertEquals(Map.of("n0", 50), picks(picker(nodes), 50));
  }

  @Test
  void triedNodesAreLeftOut() {
    Picker picker = picker(Candidates.of(strategy(), 3));

    assertEquals("n1", picker.pick(Candidates.having(Set.of("n0", "n2")), 0).id());
    assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
  }

  @Test
  void slowNodeGetsLess() {
    Traffic traffic = new Traffic(strategy(), 10, 31);
    traffic.slow("n3", 10);

    traffic.run(20_000, 50);

    assertTrue(traffic.picks("n3") < 0.3 * 2_000, traffic.toString());
  }
}
