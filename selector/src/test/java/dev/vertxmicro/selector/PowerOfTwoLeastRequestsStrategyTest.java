// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PowerOfTwoLeastRequestsStrategyTest extends StrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.powerOfTwoLeastRequests();
  }

  private static Picker picker(List<Candidate> candidates) {
    return Strategy.powerOfTwoLeastRequests()
        .newBalancer(new SplittableRandom(5))
        .picker(candidates);
  }

  private static Map<String, Integer> picks(Picker picker, int count) {
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
    }
    return picks;
  }

  private static List<Candidate> weighing(double... weights) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      nodes.add(
          Node.builder("n" + i, "127.0.0.1:1").metadata(Node.WEIGHT, "" + weights[i]).build());
    }
    return Candidates.of(Strategy.powerOfTwoLeastRequests(), nodes);
  }

  @Test
  void busierOfTwoNeverWins() {
    List<Candidate> nodes = Candidates.of(strategy(), 3);
    nodes.get(1).state().started(0);

    Map<String, Integer> picks = picks(picker(nodes), 10_000);

    assertEquals(null, picks.get("n1"));
    ChiSquare.assertEven(picks, 2);
  }

  @Test
  void latencyDoesNotCount() {
    List<Candidate> nodes = Candidates.of(strategy(), 2);
    nodes.get(0).state().started(0);
    nodes.get(0).state().ended(Outcome.Kind.FAILURE, 0, 1_000_000_000);

    ChiSquare.assertEven(picks(picker(nodes), 10_000), 2);
  }

  @Test
  void idleNodesGetTheirShareByWeight() {
    Map<String, Integer> picks = picks(picker(weighing(1, 2, 5)), 80_000);

    ChiSquare.assertShares(picks, Map.of("n0", 1.0, "n1", 2.0, "n2", 5.0));
  }

  @Test
  void openAttemptsFillUpInProportionToTheWeights() {
    List<Candidate> nodes = weighing(1, 1, 1, 1, 4);
    Picker picker = picker(nodes);
    for (int i = 0; i < 8_000; i++) {
      picker.pick(Candidates.FRESH, 0).state().started(0);
    }

    assertEquals(4_000, nodes.get(4).inFlight(), 100);
    assertEquals(1_000, nodes.get(0).inFlight(), 100);
  }

  @Test
  void slowNodeGetsLess() {
    Traffic traffic = new Traffic(strategy(), 10, 33);
    traffic.slow("n3", 10);

    traffic.run(20_000, 50);

    assertTrue(traffic.picks("n3") < 0.4 * 2_000, traffic.toString());
  }
}
