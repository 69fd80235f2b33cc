// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strategies do with nodes that should get less than their usual work. */
class ShareTest {

  private static final int PICKS = 100_000;

  private static List<Candidate> candidates(Strategy strategy, double... shares) {
    List<Candidate> full = Candidates.of(strategy, shares.length);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      candidates.add(full.get(i).withPartOfShare(shares[i]));
    }
    return candidates;
  }

  private static Map<String, Integer> picks(Strategy strategy, double... shares) {
    return picks(strategy, Candidates.FRESH, shares);
  }

  private static Map<String, Integer> picks(
      Strategy strategy, PickRequest request, double... shares) {
    Picker picker =
        strategy.newBalancer(new SplittableRandom(11)).picker(candidates(strategy, shares));
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < PICKS; i++) {
      Candidate picked = picker.pick(request, 0);
      assertNotNull(picked);
      picks.merge(picked.id(), 1, Integer::sum);
    }
    return picks;
  }

  @Test
  void weightIsThatOfTheMetadataTimesTheShare() {
    Node heavy = Node.builder("n", "127.0.0.1:1").metadata(Node.WEIGHT, "3").build();
    Candidate candidate = Candidates.of(Strategy.random(), List.of(heavy)).get(0);

    assertEquals(3, candidate.weight());
    assertEquals(1, candidate.share());
    assertSame(candidate, candidate.withPartOfShare(1));
    Candidate part = candidate.withPartOfShare(0.5).withPartOfShare(0.5);
    assertEquals(0.75, part.weight());
    assertEquals(0.25, part.share());
    assertSame(candidate.state(), part.state());
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.35", "0.5", "0.9"})
  void randomDrawsInProportionToTheShares(double share) {
    Map<String, Integer> picks = picks(Strategy.random(), 1, share, 1);

    double expected = PICKS * share / (2 + share);
    assertEquals(expected, picks.get("n1"), 5 * Math.sqrt(expected), picks.toString());
    assertEquals(picks.get("n0"), picks.get("n2"), 0.02 * PICKS);
  }

  @Test
  void randomIsRightEvenIfMostDrawsAreRejected() {
    // given 19 nodes at 2 % and a call that has tried others
    double[] shares = new double[22];
    Arrays.fill(shares, 0.02);
    shares[7] = 1;
    shares[8] = 1;
    shares[9] = 1;

    Map<String, Integer> picks =
        picks(Strategy.random(), Candidates.having(Set.of("n8", "n9")), shares);

    double expected = PICKS / (1 + 19 * 0.02);
    assertEquals(expected, picks.get("n7"), 5 * Math.sqrt(expected), picks.toString());
    assertEquals(20, picks.size());
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.35", "0.5", "0.9"})
  void roundRobinPassesOverTheOtherPartOfTheTurns(double share) {
    Map<String, Integer> picks = picks(Strategy.roundRobin(), 1, share, 1);

    double rounds = PICKS / (2 + share);
    assertEquals(rounds, picks.get("n0"), 2);
    assertEquals(rounds * share, picks.get("n1"), 2);
    assertEquals(rounds, picks.get("n2"), 2);
  }

  @Test
  void nodesWithTheSameShareTakeTurnsInDifferentRounds() {
    Strategy strategy = Strategy.roundRobin();
    Picker picker =
        strategy.newBalancer(new SplittableRandom(3)).picker(candidates(strategy, 1, 0.5, 0.5));
    List<String> picked = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      picked.add(picker.pick(Candidates.FRESH, 0).id());
    }

    for (int i = 1; i < 100; i++) {
      assertTrue(picked.get(i).equals("n0") != picked.get(i - 1).equals("n0"), picked.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.5"})
  void powerOfTwoGoesByTheWeightThatTheShareIsIn(double share) {
    Map<String, Integer> picks = picks(Strategy.powerOfTwo(), 1, share, 1);

    assertTrue(picks.get("n1") < 1.2 * PICKS * share / (2 + share), picks.toString());
    assertTrue(picks.get("n1") > 0.2 * PICKS * share / (2 + share), picks.toString());
  }

  @ParameterizedTest
  @CsvSource({"0.000001", "0.1", "1"})
  void nodeThatIsTheOnlyOneLeftIsPickedWhateverItsShare(double share) {
    for (Strategy strategy : Strategy.names().stream().map(Strategy::named).toList()) {
      Picker picker =
          strategy.newBalancer(new SplittableRandom(5)).picker(candidates(strategy, 1, share, 1));

      Candidate picked = picker.pick(Candidates.having(Set.of("n0", "n2")), 0);

      assertNotNull(picked, strategy.toString());
      assertEquals("n1", picked.id());
      assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
    }
  }
}
