// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RingHashStrategyTest extends KeyedStrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.ringHash();
  }

  @Override
  protected double mostOverMean() {
    return 1.3;
  }

  @Test
  void nodeOfTwiceTheWeightGetsTwiceTheKeys() {
    List<Node> nodes = new ArrayList<>(nodes(9));
    nodes.add(weighing("double", 2));

    Map<String, Integer> counts = counts(owners(picker(nodes), 110_000));

    assertEquals(20_000, counts.get("double"), 2_500, counts.toString());
  }

  @Test
  void nodeWhoseWeightFallsGivesKeysAwayAndTakesNone() {
    List<Node> nodes = new ArrayList<>(nodes(19));
    nodes.add(weighing("slow", 1));
    List<String> before = owners(picker(nodes), 20_000);
    nodes.set(19, weighing("slow", 0.3));
    List<String> after = owners(picker(nodes), 20_000);

    for (int i = 0; i < before.size(); i++) {
      assertTrue(before.get(i).equals("slow") || before.get(i).equals(after.get(i)));
    }
    assertTrue(counts(after).get("slow") < 0.5 * counts(before).get("slow"));
  }

  @Test
  void sizeIsBoundedAndEachNodeHasAPoint() {
    List<Node> uneven = new ArrayList<>(nodes(99));
    uneven.add(weighing("heavy", 1e300));

    assertEquals(1_024, RingHashStrategy.DEFAULT.size(Candidates.of(strategy(), nodes(4))));
    assertEquals(128 * 50, RingHashStrategy.DEFAULT.size(Candidates.of(strategy(), nodes(50))));
    assertEquals(
        131_000, RingHashStrategy.DEFAULT.size(Candidates.of(strategy(), nodes(10_000))), 1_000);
    assertEquals(200_000, RingHashStrategy.DEFAULT.size(Candidates.of(strategy(), nodes(200_000))));
    assertEquals(131_072 + 99, RingHashStrategy.DEFAULT.size(Candidates.of(strategy(), uneven)));
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    assertEquals(
        "maxSize: 8388609 (expected: 1 to 8388608)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.ringHash(1, 8_388_609))
            .getMessage());
    assertEquals(
        "maxSize: 0 (expected: 1 to 8388608)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.ringHash(1, 0)).getMessage());
    assertEquals(
        "minSize: 0 (expected: 1 to maxSize, 10)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.ringHash(0, 10)).getMessage());
    assertEquals(
        "minSize: 11 (expected: 1 to maxSize, 10)",
        assertThrows(IllegalArgumentException.class, () -> Strategy.ringHash(11, 10)).getMessage());
  }

  @Test
  void descriptionsWithOtherOptionsDiffer() {
    assertNotEquals(Strategy.ringHash(), Strategy.ringHash(1, 131_072));
    assertEquals(Strategy.ringHash(), Strategy.ringHash(1_024, 131_072));
    assertEquals("Strategy.ringHash(minSize=1024, maxSize=131072)", Strategy.ringHash().toString());
  }
}
