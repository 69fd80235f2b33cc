// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FirstStrategyTest extends StrategyContract {

  private final List<Candidate> nodes = Candidates.of(Strategy.first(), 3);
  private final Picker picker = Strategy.first().newBalancer(ThreadRandom.INSTANCE).picker(nodes);

  @Override
  protected Strategy strategy() {
    return Strategy.first();
  }

  @Override
  protected boolean isEven() {
    return false;
  }

  @Test
  void nodesAreTriedInTheOrderOfTheRegistry() {
    assertEquals("n0", picker.pick(Candidates.FRESH, 0).id());
    assertEquals("n1", picker.pick(Candidates.having(Set.of("n0")), 0).id());
    assertEquals("n2", picker.pick(Candidates.having(Set.of("n0", "n1")), 0).id());
    assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
    assertEquals("n0", picker.pick(Candidates.FRESH, 0).id());
  }

  @Test
  void healthyNodesComeFirst() {
    nodes.get(0).state().health(Health.EJECTED);
    assertEquals("n1", picker.pick(Candidates.FRESH, 0).id());
    assertEquals("n0", picker.pick(Candidates.having(Set.of("n1", "n2")), 0).id());

    nodes.forEach(node -> node.state().health(Health.EJECTED));
    assertEquals("n0", picker.pick(Candidates.FRESH, 0).id());

    nodes.get(0).state().health(Health.HEALTHY);
    assertEquals("n0", picker.pick(Candidates.FRESH, 0).id());
  }

  @Test
  void failingNodesComeBeforeEjectedOnes() {
    nodes.get(0).state().health(Health.EJECTED);
    nodes.get(1).state().health(Health.FAILING);
    nodes.get(2).state().health(Health.FAILING);

    assertEquals("n1", picker.pick(Candidates.FRESH, 0).id());
  }

  @Test
  void nodeThatStartsSlowlyLeavesTheRestToTheNext() {
    List<Candidate> starting = new ArrayList<>(nodes);
    starting.set(0, nodes.get(0).withPartOfShare(0.25));
    Picker picker = Strategy.first().newBalancer(new SplittableRandom(9)).picker(starting);
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
    }

    ChiSquare.assertShares(picks, Map.of("n0", 1.0, "n1", 3.0));
    assertEquals("n0", picker.pick(Candidates.having(Set.of("n1", "n2")), 0).id());
  }
}
