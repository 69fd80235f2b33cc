// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WeightedDrawTest {

  private static WeightedDraw draw(double... weights) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      nodes.add(
          Node.builder("n" + i, "127.0.0.1:1").metadata(Node.WEIGHT, "" + weights[i]).build());
    }
    return new WeightedDraw(Candidates.of(Strategy.random(), nodes), new SplittableRandom(6));
  }

  private static Map<String, Double> expected(double... weights) {
    Map<String, Double> expected = new TreeMap<>();
    for (int i = 0; i < weights.length; i++) {
      expected.put("n" + i, weights[i]);
    }
    return expected;
  }

  private static void assertDrawn(double... weights) {
    WeightedDraw draw = draw(weights);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 200_000; i++) {
      counts.merge("n" + draw.index(), 1, Integer::sum);
    }
    ChiSquare.assertShares(counts, expected(weights));
  }

  @Test
  void eachIsDrawnInProportionToItsWeight() {
    assertDrawn(1, 1, 1);
    assertDrawn(1, 2, 3, 4);
    assertDrawn(100, 1, 1, 1, 1, 1, 1, 1);
    assertDrawn(1, 0.5, 7, 7, 7, 0.25, 3, 1000, 2, 2);
    double[] many = new double[1_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = 1 + i % 7;
    }
    assertDrawn(many);
  }

  @Test
  void equalWeightsAreEvenAndNeedNoTable() {
    assertTrue(draw(3, 3, 3.0001).isEven());
    assertFalse(draw(3, 3, 3.001).isEven());
    assertTrue(draw(5).isEven());
  }

  @Test
  void anotherIndexIsDrawnByWeightToo() {
    WeightedDraw draw = draw(2, 1, 3);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 50_000; i++) {
      counts.merge("n" + draw.indexExcept(0), 1, Integer::sum);
    }

    ChiSquare.assertShares(counts, Map.of("n1", 1.0, "n2", 3.0));
  }

  @Test
  void anotherIndexIsFoundBesideOneThatHasNearlyAllTheWeight() {
    WeightedDraw draw = draw(1, 1e12, 1);

    for (int i = 0; i < 1_000; i++) {
      assertNotEquals(1, draw.indexExcept(1));
    }
  }

  @Test
  void untriedAreDrawnByWeightHoweverLittleTheyWeigh() {
    WeightedDraw draw = draw(1e9, 1, 3, 1e9);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 50_000; i++) {
      Candidate drawn = draw.untried(Candidates.having(Set.of("n0", "n3")));
      counts.merge(drawn.id(), 1, Integer::sum);
    }

    ChiSquare.assertShares(counts, Map.of("n1", 1.0, "n2", 3.0));
    assertEquals(null, draw.untried(Candidates.having(Set.of("n0", "n1", "n2", "n3"))));
  }
}
