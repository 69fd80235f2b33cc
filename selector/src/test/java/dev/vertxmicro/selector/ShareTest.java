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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  static Stream<Arguments> strategiesAndShares() {
    return Strategy.names().stream()
        .flatMap(name -> Stream.of(0.1, 0.5).map(share -> Arguments.of(name, share)));
  }

  @ParameterizedTest
  @MethodSource("strategiesAndShares")
  void everyStrategyGivesANodeItsShareOfWhatItWouldGet(String name, double share) {
    Strategy strategy = Strategy.named(name);

    Map<String, Integer> picks = picks(strategy, share, 1, 1, 1);

    double full = name.equals("first") ? PICKS : PICKS * share / (3 + share) / share;
    int expected = (int) (full * share);
    assertEquals(expected, picks.get("n0"), 6 * Math.sqrt(expected), picks.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"power-of-two", "power-of-two-least-requests"})
  void betterOfTwoGetsAtMostTwiceItsShareEvenIfItAlwaysWins(String name) {
    Strategy strategy = Strategy.named(name);
    for (int nodes : new int[] {2, 3, 10}) {
      double[] shares = new double[nodes];
      Arrays.fill(shares, 1);
      shares[0] = 0.1;
      List<Candidate> candidates = candidates(strategy, shares);
      for (Candidate other : candidates.subList(1, nodes)) {
        other.state().started(0);
        other.state().answered(0, 1_000_000);
      }
      Picker picker = strategy.newBalancer(new SplittableRandom(4)).picker(candidates);
      int picks = 0;
      for (int i = 0; i < PICKS; i++) {
        picks += picker.pick(Candidates.FRESH, 1_000_000) == candidates.get(0) ? 1 : 0;
      }

      double part = 0.1 / (nodes - 1 + 0.1);
      assertTrue(picks > 1.7 * part * PICKS && picks < 2.1 * part * PICKS, nodes + ": " + picks);
    }
  }

  @Test
  void busyNodesAreBusyInRelationToTheirShare() {
    // given that the node with a tenth of its share has 1 in flight and the others have 5
    Strategy strategy = Strategy.powerOfTwoLeastRequests();
    List<Candidate> candidates = candidates(strategy, 0.1, 1, 1);
    candidates.get(0).state().started(0);
    for (Candidate other : candidates.subList(1, 3)) {
      for (int i = 0; i < 5; i++) {
        other.state().started(0);
      }
    }
    Picker picker = strategy.newBalancer(new SplittableRandom(4)).picker(candidates);
    int picks = 0;
    for (int i = 0; i < PICKS; i++) {
      picks += picker.pick(Candidates.FRESH, 0) == candidates.get(0) ? 1 : 0;
    }

    // then only the draws in which it is alone are left to it
    assertTrue(picks < 0.005 * PICKS, picks + " picks");
  }

  @Test
  void sharesBesideWeightsAreMindedOnce() {
    Strategy strategy = Strategy.powerOfTwoLeastRequests();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      nodes.add(
          Node.builder("n" + i, "127.0.0.1:1").metadata(Node.WEIGHT, i == 2 ? "1" : "4").build());
    }
    List<Candidate> full = Candidates.of(strategy, nodes);
    Picker picker =
        strategy
            .newBalancer(new SplittableRandom(4))
            .picker(List.of(full.get(0), full.get(1).withPartOfShare(0.25), full.get(2)));
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < PICKS; i++) {
      picks.merge(picker.pick(Candidates.FRESH, 0).id(), 1, Integer::sum);
    }

    // then by weights of 4, 4 / 4 and 1
    assertEquals(PICKS * 4 / 6.0, picks.get("n0"), 0.01 * PICKS, picks.toString());
    assertEquals(PICKS / 6.0, picks.get("n1"), 0.01 * PICKS);
    assertEquals(PICKS / 6.0, picks.get("n2"), 0.01 * PICKS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring-hash", "maglev", "shard"})
  void keysComeToANodeBitByBitAndStay(String name) {
    Strategy strategy = Strategy.named(name);
    double[] steps = {0.1, 0.3, 0.6, 1};
    List<Set<Integer>> keys = new ArrayList<>();
    for (double share : steps) {
      Picker picker =
          strategy
              .newBalancer(new SplittableRandom(4))
              .picker(candidates(strategy, share, 1, 1, 1, 1));
      Set<Integer> own = new HashSet<>();
      for (int key = 0; key < 20_000; key++) {
        if (picker.pick(Candidates.keyed("user-" + key), 0).id().equals("n0")) {
          own.add(key);
        }
      }
      keys.add(own);
    }

    for (int i = 0; i < steps.length; i++) {
      double expected = 20_000 * steps[i] / (4 + steps[i]);
      assertEquals(expected, keys.get(i).size(), 0.35 * expected, name + " at " + steps[i]);
      if (i > 0) {
        Set<Integer> lost = new HashSet<>(keys.get(i - 1));
        lost.removeAll(keys.get(i));
        assertTrue(lost.size() < 0.1 * keys.get(i).size(), name + " lost " + lost.size());
      }
    }
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
