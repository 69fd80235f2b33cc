// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerOfTwoStrategyTest extends StrategyContract {

  private static final long MS = 1_000_000;

  private static final Outcome FAILED =
      Outcome.failed(RpcException.client(GrpcStatus.UNAVAILABLE, "connection refused").build());

  @Override
  protected Strategy strategy() {
    return Strategy.powerOfTwo();
  }

  private static Picker picker(List<Candidate> candidates) {
    return Strategy.powerOfTwo().newBalancer(new SplittableRandom(11)).picker(candidates);
  }

  private static Map<String, Integer> picks(Picker picker, int count, long now) {
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      picks.merge(picker.pick(Candidates.FRESH, now).id(), 1, Integer::sum);
    }
    return picks;
  }

  private static void measured(Candidate candidate, long latency) {
    candidate.state().started(0);
    candidate.state().ended(Outcome.Kind.SUCCESS, 0, latency);
  }

  @Test
  void everyPairIsDrawnEquallyOften() {
    // The load decides, so the share of each rank shows the pairs: the k-th best of n wins the
    // n - k pairs with the worse ones, out of n * (n - 1) / 2.
    List<Candidate> nodes = Candidates.of(strategy(), 5);
    for (int i = 0; i < 5; i++) {
      measured(nodes.get(i), (i + 1) * MS);
    }

    Map<String, Integer> picks = picks(picker(nodes), 100_000, 5 * MS);

    for (int rank = 1; rank <= 4; rank++) {
      assertEquals(10_000 * (5 - rank), picks.get("n" + (rank - 1)), 500, picks.toString());
    }
    assertEquals(null, picks.get("n4"));
  }

  @Test
  void tiesAreDecidedByTheDraw() {
    Map<String, Integer> picks = picks(picker(Candidates.of(strategy(), 4)), 100_000, 0);

    picks.values().forEach(count -> assertEquals(25_000, count, 800, picks.toString()));
  }

  @Test
  void healthComesBeforeLoad() {
    List<Candidate> nodes = Candidates.of(strategy(), 2);
    measured(nodes.get(0), MS);
    measured(nodes.get(1), 500 * MS);
    nodes.get(0).state().health(Health.EJECTED);

    assertEquals(Map.of("n1", 100), picks(picker(nodes), 100, 500 * MS));
  }

  @Test
  void healthyNodeIsFoundAmongManyThatAreNotAndOneIsPickedWhenNoneIs() {
    List<Candidate> nodes = Candidates.of(strategy(), 10);
    nodes.subList(0, 5).forEach(node -> node.state().health(Health.EJECTED));
    Map<String, Integer> picks = picks(picker(nodes), 10_000, 0);
    int ejected =
        nodes.subList(0, 5).stream().mapToInt(node -> picks.getOrDefault(node.id(), 0)).sum();
    assertTrue(ejected > 0 && ejected < 100, "1 % at most, was " + ejected + " of 10000");

    nodes.forEach(node -> node.state().health(Health.EJECTED));
    assertEquals(10, picks(picker(nodes), 1_000, 0).size());
  }

  @Test
  void loadCountsInRelationToTheWeight() {
    List<Candidate> nodes =
        Candidates.of(
            strategy(),
            List.of(
                Node.builder("heavy", "127.0.0.1:1").metadata(Node.WEIGHT, "3").build(),
                Node.of("light", "127.0.0.1:2")));
    measured(nodes.get(0), 20 * MS);
    measured(nodes.get(1), 10 * MS);
    assertEquals(Map.of("heavy", 100), picks(picker(nodes), 100, 20 * MS));

    measured(nodes.get(0), 31 * MS);
    assertEquals(Map.of("light", 100), picks(picker(nodes), 100, 31 * MS));
  }

  @Test
  void weightsThatDifferByRoundingAreEqual() {
    List<Candidate> nodes =
        Candidates.of(
            strategy(),
            List.of(
                Node.builder("a", "127.0.0.1:1").metadata(Node.WEIGHT, "1.00001").build(),
                Node.of("b", "127.0.0.1:2")));
    nodes.forEach(node -> measured(node, 10 * MS));

    Map<String, Integer> picks = picks(picker(nodes), 10_000, 10 * MS);

    assertEquals(5_000, picks.get("b"), 300, picks.toString());
  }

  @Test
  void triedNodesAreNotDrawn() {
    Picker picker = picker(Candidates.of(strategy(), 3));

    for (int i = 0; i < 100; i++) {
      assertEquals("n1", picker.pick(Candidates.having(Set.of("n0", "n2")), 0).id());
    }
    assertNull(picker.pick(Candidates.having(Set.of("n0", "n1", "n2")), 0));
    assertNull(picker(Candidates.of(strategy(), 1)).pick(Candidates.having(Set.of("n0")), 0));
  }

  @Test
  void loadDecidesAmongTheUntriedAsWell() {
    List<Candidate> nodes = Candidates.of(strategy(), 3);
    measured(nodes.get(0), 3 * MS);
    measured(nodes.get(1), 1 * MS);
    measured(nodes.get(2), 2 * MS);
    Picker picker = picker(nodes);

    for (int i = 0; i < 100; i++) {
      assertEquals("n2", picker.pick(Candidates.having(Set.of("n1")), 3 * MS).id());
    }
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    for (Duration decay : List.of(Duration.ZERO, Duration.ofHours(2))) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class, () -> Strategy.powerOfTwo(decay, Duration.ZERO));
      assertEquals("decay: " + decay + " (expected: PT0.001S to PT1H)", refused.getMessage());
    }
    for (Duration penalty : List.of(Duration.ofNanos(-1), Duration.ofHours(2))) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> Strategy.powerOfTwo(Duration.ofSeconds(1), penalty));
      assertEquals(
          "failurePenalty: " + penalty + " (expected: zero to PT1H)", refused.getMessage());
    }
  }

  @Test
  void descriptionsWithOtherOptionsDiffer() {
    Strategy other = Strategy.powerOfTwo(Duration.ofSeconds(1), Duration.ofSeconds(5));

    assertNotEquals(Strategy.powerOfTwo(), other);
    assertEquals(
        Strategy.powerOfTwo(), Strategy.powerOfTwo(Duration.ofSeconds(10), Duration.ofSeconds(5)));
    assertEquals("Strategy.powerOfTwo(decay=PT1S, failurePenalty=PT5S)", other.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100})
  void equalNodesGetEqualSharesUnderLoad(int nodes) {
    Traffic traffic = new Traffic(strategy(), nodes, 21);

    traffic.run(100_000, 8.0 * nodes);

    assertTrue(traffic.most() <= 1.3 * 100_000 / nodes, traffic.toString());
  }

  @Test
  void aFewCallsAtATimeAreSpreadAsWell() {
    Traffic traffic = new Traffic(strategy(), 10, 22);

    traffic.run(100_000, 1.0);

    assertTrue(traffic.most() <= 1.3 * 100_000 / 10, traffic.toString());
  }

  @Test
  void slowNodeGetsAtMostTwoOfTheNextFiftyCalls() {
    Traffic traffic = new Traffic(strategy(), 10, 23);
    traffic.run(2_000, 20);
    traffic.slow("n3", 100);
    traffic.runUntilAnswered("n3", 20);
    traffic.forget();

    traffic.run(50, 20);

    assertTrue(traffic.picks("n3") <= 2, traffic.toString());
  }

  @Test
  void hungNodeIsLeftBeforeItsCallsEnd() {
    Traffic traffic = new Traffic(strategy(), 10, 24);
    traffic.run(2_000, 20);
    traffic.hang("n3");
    traffic.run(2_000, 20);
    int beforeNoticed = traffic.picks("n3") - traffic.answers("n3");
    assertTrue(beforeNoticed <= 20, "hung calls: " + beforeNoticed);
    traffic.forget();

    traffic.run(10_000, 20);

    assertTrue(traffic.picks("n3") <= 2, traffic.toString());
  }

  @Test
  void nodeThatFailsFastIsNotAttractive() {
    Traffic traffic = new Traffic(strategy(), 10, 25);
    traffic.run(2_000, 20);
    traffic.fail("n3");
    traffic.run(200, 20);
    traffic.forget();

    traffic.run(10_000, 20);

    assertTrue(traffic.picks("n3") <= 5, traffic.toString());
  }

  @Test
  void singleFailureKeepsANodeAwayForSecondsOnly() {
    Traffic traffic = new Traffic(strategy(), 10, 30);
    traffic.run(2_000, 20);
    traffic.fail("n3");
    traffic.forget();
    while (traffic.picks("n3") == 0) {
      traffic.run(1, 20);
    }
    traffic.recover("n3");
    // 15 s
    traffic.run(30_000, 20);
    traffic.forget();

    traffic.run(10_000, 20);

    assertTrue(traffic.picks("n3") >= 0.7 * 1_000, traffic.toString());
  }

  @Test
  void recoveredNodeGetsItsShareAgain() {
    Traffic traffic = new Traffic(strategy(), 10, 26);
    traffic.run(2_000, 20);
    traffic.fail("n3");
    traffic.run(2_000, 20);
    traffic.recover("n3");
    traffic.pass(Duration.ofMinutes(2));
    traffic.run(10_000, 20);
    traffic.forget();

    traffic.run(50_000, 20);

    assertTrue(traffic.picks("n3") >= 0.7 * 5_000, traffic.toString());
  }

  @Test
  void newNodeIsTriedByOneCallAtATime() {
    Traffic traffic = new Traffic(strategy(), 10, 27);
    traffic.run(2_000, 20);

    traffic.join("fresh");
    traffic.slow("fresh", 100);
    traffic.run(200, 20);

    assertEquals(1, traffic.picks("fresh"), traffic.toString());
  }

  @Test
  void loserOfRacesAgainstHedgesIsLeft() {
    // given a node whose attempts are all cancelled because another node answered first
    Traffic traffic = new Traffic(strategy(), 10, 28);
    traffic.cancelAfter("n3", Duration.ofMillis(300));

    traffic.run(10_000, 20);

    assertTrue(traffic.picks("n3") <= 20, traffic.toString());
  }

  @Test
  void nodeOfTwiceTheWeightGetsAboutTwiceTheCallsWhenBusy() {
    Traffic traffic = new Traffic(strategy(), 5, 29);
    traffic.join("double", "2");

    traffic.run(100_000, 200);

    assertEquals(
        2.0, traffic.picks("double") / (double) traffic.picks("n0"), 0.4, traffic::toString);
  }

  @Test
  void failedOutcomeIsAFailure() {
    assertEquals(Outcome.Kind.FAILURE, FAILED.kind());
  }
}
