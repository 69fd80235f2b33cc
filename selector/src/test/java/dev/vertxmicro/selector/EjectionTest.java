// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When nodes are ejected, and when they are taken back. */
class EjectionTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration BASE = EjectionOptions.DEFAULT_BASE_EJECTION_TIME;

  private static Fleet fleet(EjectionOptions options, int nodes) {
    return new Fleet(Strategy.roundRobin(), options, nodes, 1);
  }

  // ---- what ejects

  @Test
  void fiveFailuresInARowEject() {
    Fleet fleet = Fleet.of(4);
    fleet.answers("n1", Fleet.LOST);

    fleet.callsTo("n1", 4);
    assertEquals(List.of(), fleet.news);
    fleet.callsTo("n1", 1);
    assertEquals(List.of("ejected n1 CONSECUTIVE_FAILURES"), fleet.news);

    fleet.forget();
    fleet.calls(100);
    assertEquals(0, fleet.picks("n1"));
  }

  @Test
  void aSuccessBetweenFailuresBeginsANewCount() {
    Fleet fleet = Fleet.of(4);
    for (int i = 0; i < 10; i++) {
      fleet.answers("n1", Fleet.LOST);
      fleet.callsTo("n1", 4);
      fleet.answers("n1", i % 2 == 0 ? Outcome.SUCCESS : Fleet.INVALID);
      fleet.callsTo("n1", 1);
    }

    assertEquals(List.of(), fleet.news);
  }

  @Test
  void twoConnectionFailuresInARowEject() {
    Fleet fleet = Fleet.of(4);
    fleet.answers("n1", Fleet.REFUSED);

    fleet.callsTo("n1", 1);
    assertEquals(List.of(), fleet.news);
    fleet.callsTo("n1", 1);

    assertEquals(List.of("ejected n1 CONNECTION_FAILURES"), fleet.news);
  }

  @Test
  void connectionFailuresCountAsAnyIfSoSet() {
    Fleet fleet = fleet(new EjectionOptions().setConnectionFailures(0), 4);
    fleet.answers("n1", Fleet.REFUSED);

    fleet.callsTo("n1", 4);
    assertEquals(List.of(), fleet.news);
    fleet.callsTo("n1", 1);

    assertEquals(List.of("ejected n1 CONSECUTIVE_FAILURES"), fleet.news);
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, YES",
    "NOT_FOUND, YES",
    "RESOURCE_EXHAUSTED, NOT_SENT",
    "CANCELLED, NOT_SENT"
  })
  void whatIsNotTheNodesFaultDoesNotCount(GrpcStatus status, Processed processed) {
    Fleet fleet = Fleet.of(4);
    fleet.answers("n1", Fleet.failed(status, processed));

    fleet.calls(1_000);

    assertEquals(List.of(), fleet.news);
  }

  @Test
  void cancelsBetweenFailuresDoNotHideThem() {
    Fleet fleet = Fleet.of(4);
    int[] turn = {0};
    fleet.behaves("n1", () -> turn[0]++ % 2 == 0 ? Fleet.LOST : Outcome.CANCELLED);

    fleet.callsTo("n1", 9);

    assertEquals(List.of("ejected n1 CONSECUTIVE_FAILURES"), fleet.news);
  }

  @Test
  void offEjectsNothing() {
    Fleet fleet = fleet(EjectionOptions.off(), 4);
    fleet.answers("n1", Fleet.REFUSED);

    fleet.calls(1_000);

    assertEquals(250, fleet.picks("n1"));
    assertEquals(List.of(), fleet.news);
  }

  @Test
  void eachReasonCanBeSwitchedOff() {
    EjectionOptions options =
        new EjectionOptions().setConsecutiveFailures(0).setConnectionFailures(0).setMinCalls(0);
    Fleet fleet = fleet(options, 4);
    fleet.answers("n1", Fleet.REFUSED);
    fleet.answers("n2", Fleet.UNIMPLEMENTED);

    fleet.calls(100_000);

    assertEquals(List.of(), fleet.news);
  }

  @Test
  void nodeOfALowSuccessRateIsEjectedAtTheEndOfTheInterval() {
    Fleet fleet = Fleet.of(9);
    // three of nine, which mean and deviation would not find
    for (String id : List.of("n0", "n1", "n2")) {
      int[] turn = {0};
      fleet.behaves(id, () -> turn[0]++ % 2 == 0 ? Fleet.LOST : Outcome.SUCCESS);
    }

    fleet.calls(9_900);
    assertEquals(List.of(), fleet.news);
    fleet.calls(200);

    assertEquals(Set.of("n0", "n1", "n2"), fleet.out());
    assertEquals(3, fleet.told("ejected"));
    assertEquals("ejected n0 SUCCESS_RATE", fleet.news.get(0));
  }

  @Test
  void successRatesOfFewCallsOrFewNodesAreNotCompared() {
    Fleet few = Fleet.of(2);
    int[] turn = {0};
    few.behaves("n0", () -> turn[0]++ % 2 == 0 ? Fleet.LOST : Outcome.SUCCESS);
    few.calls(20_000);
    assertEquals(List.of(), few.news);

    Fleet rare = fleet(new EjectionOptions().setMinCalls(10_000), 9);
    rare.behaves("n0", () -> turn[0]++ % 2 == 0 ? Fleet.LOST : Outcome.SUCCESS);
    rare.calls(30_000);
    assertEquals(List.of(), rare.news);
  }

  @Test
  void nodeWithoutAnySuccessIsEjectedAtTheEndOfTheInterval() {
    Fleet fleet = fleet(new EjectionOptions().setConsecutiveFailures(200), 4);
    fleet.answers("n1", Fleet.LOST);

    fleet.callsTo("n1", 5);
    fleet.pass(Duration.ofSeconds(10));
    fleet.call();

    assertEquals(List.of("ejected n1 NO_SUCCESS"), fleet.news);
  }

  @Test
  void equalRatesEjectNobodyHoweverLow() {
    Fleet fleet = Fleet.of(9);
    for (int i = 0; i < 9; i++) {
      int[] turn = {i};
      fleet.behaves("n" + i, () -> turn[0]++ % 4 != 0 ? Fleet.LOST : Outcome.SUCCESS);
    }

    fleet.calls(100_000);

    assertEquals(List.of(), fleet.news);
  }

  // ---- another service at the address

  @Test
  void nodeThatAloneKnowsNoEndpointIsEjected() {
    Fleet fleet = Fleet.of(4);
    fleet.calls(100);
    fleet.answers("n1", Fleet.UNIMPLEMENTED);

    fleet.callsTo("n1", 5);

    assertEquals(List.of("ejected n1 ADDRESS_REUSED"), fleet.news);
  }

  @Test
  void twoReusedAddressesOfTwentyAreEjected() {
    Fleet fleet = Fleet.of(20);
    fleet.answers("n1", Fleet.UNIMPLEMENTED);
    fleet.answers("n7", Fleet.UNIMPLEMENTED);

    fleet.calls(200);

    assertEquals(Set.of("n1", "n7"), fleet.out());
  }

  @Test
  void endpointThatNoNodeHasEjectsNobody() {
    Fleet fleet = Fleet.of(4);
    fleet.calls(100);
    for (int i = 0; i < 4; i++) {
      fleet.answers("n" + i, Fleet.UNIMPLEMENTED);
    }

    fleet.calls(10_000);

    assertEquals(List.of(), fleet.news);
  }

  @Test
  void callsToAMissingEndpointAmongOthersEjectNobody() {
    Fleet fleet = Fleet.of(10);
    for (int i = 0; i < 10; i++) {
      fleet.behaves(
          "n" + i, () -> fleet.random.nextInt(5) == 0 ? Fleet.UNIMPLEMENTED : Outcome.SUCCESS);
    }

    fleet.calls(1_000_000);

    assertEquals(List.of(), fleet.news);
  }

  @Test
  void theOnlyNodeMayKnowNoEndpoint() {
    Fleet fleet = Fleet.of(1);
    fleet.answers("n0", Fleet.UNIMPLEMENTED);

    fleet.calls(1_000);

    assertEquals(List.of(), fleet.news);
  }

  // ---- how many

  @Test
  void noBadCallEjectsTheOnlyNode() {
    Fleet fleet = Fleet.of(1);
    fleet.answers("n0", Fleet.REFUSED);
    fleet.call();
    assertEquals(List.of(), fleet.news);

    fleet.calls(100);

    assertEquals(101, fleet.picks("n0"));
    assertEquals(0, fleet.told("ejected"));
    assertEquals(List.of("withheld n0 CONNECTION_FAILURES", "panic 0 of 1"), fleet.news);
    fleet.answers("n0", Outcome.SUCCESS);
    fleet.call();
    assertEquals(List.of("readmitted n0", "calm"), fleet.news.subList(2, 4));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0.5, 1",
    "3, 0.5, 1",
    "4, 0.5, 2",
    "20, 0.5, 10",
    "5, 0.1, 1",
    "4, 0, 1",
    "4, 1, 3",
    "10, 0.3, 3"
  })
  void notMoreThanTheShareAreEjected(int nodes, double share, int most) {
    Fleet fleet = fleet(new EjectionOptions().setMaxEjectedShare(share), nodes);
    for (int i = 0; i < nodes; i++) {
      fleet.answers("n" + i, Fleet.LOST);
    }

    fleet.calls(100 * nodes);

    assertEquals(most, fleet.mostOut);
    assertEquals(most, fleet.out().size());
    assertEquals(nodes - most, fleet.told("withheld"));
  }

  @Test
  void nodeThatIsWithheldIsEjectedWhenThereIsRoom() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n0");
    fleet.eject("n1");
    fleet.answers("n2", Fleet.LOST);
    fleet.callsTo("n2", 5);
    assertEquals(Set.of("n0", "n1"), fleet.out());
    assertEquals(1, fleet.told("withheld n2"));

    // in panic all are picked, and a success takes a node back
    fleet.answers("n0", Outcome.SUCCESS);
    fleet.callsTo("n0", 1);
    fleet.callsTo("n2", 1);

    assertEquals(Set.of("n1", "n2"), fleet.out());
  }

  @Test
  void whenNodesLeaveNoMoreThanTheShareStayEjected() {
    Fleet fleet = Fleet.of(8);
    for (int i = 0; i < 4; i++) {
      fleet.eject("n" + i);
      fleet.pass(Duration.ofMillis(1));
    }
    assertEquals(4, fleet.out().size());

    fleet.leave("n4", "n5", "n6", "n7");
    fleet.call();

    assertEquals(2, fleet.out().size());
    assertEquals(2, fleet.told("withheld"));
    assertEquals(1, fleet.told("panic 0 of 4"));
  }

  // ---- panic

  @Test
  void panicPicksAllNodesAndEndsWhenEnoughAreHealthy() {
    Fleet fleet = Fleet.of(4);
    for (int i = 0; i < 3; i++) {
      fleet.answers("n" + i, Fleet.LOST);
    }
    fleet.calls(40);
    assertEquals(1, fleet.told("panic 1 of 4"));
    assertTrue(fleet.selector.describe("greeter").isPanic());

    fleet.forget();
    fleet.calls(40);
    for (int i = 0; i < 4; i++) {
      assertEquals(10, fleet.picks("n" + i), fleet.toString());
    }

    fleet.answers("n2", Outcome.SUCCESS);
    fleet.callsTo("n2", 1);
    assertEquals(List.of("readmitted n2", "calm"), fleet.news);
    fleet.forget();
    fleet.calls(40);
    assertEquals(0, fleet.picks("n0"));
    assertEquals(20, fleet.picks("n2"));
  }

  @Test
  void thresholdZeroPanicsOnlyWhenNoNodeIsLeft() {
    Fleet fleet = fleet(new EjectionOptions().setPanicThreshold(0).setMaxEjectedShare(1), 4);
    for (int i = 0; i < 4; i++) {
      fleet.answers("n" + i, Fleet.LOST);
    }
    fleet.calls(100);

    assertEquals(3, fleet.out().size());
    assertEquals(0, fleet.told("panic"));
    // calls that may only go to an ejected node still go there
    Filter some = Filter.where("out", (service, node) -> fleet.out().contains(node.id()));
    assertTrue(fleet.out().contains(fleet.call(SelectOption.filter(some))));
  }

  // ---- back-off and probes

  @Test
  void oneProbeAfterTheEjectionTimeTakesTheNodeBack() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    assertTrue(
        fleet.lastTime.compareTo(BASE) <= 0
            && fleet.lastTime.compareTo(BASE.multipliedBy(4).dividedBy(5)) >= 0,
        fleet.lastTime::toString);
    fleet.forget();

    fleet.pass(fleet.lastTime.minusMillis(101));
    fleet.calls(100);
    assertEquals(0, fleet.picks("n1"));
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.pass(Duration.ofMillis(1));
    assertEquals("n1", fleet.call());

    assertEquals(List.of("probed n1 SUCCESS", "readmitted n1"), fleet.news);
    fleet.forget();
    fleet.calls(40);
    assertEquals(10, fleet.picks("n1"));
  }

  @Test
  void onlyOneCallIsLetThroughAsProbe() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.pass(BASE);
    fleet.forget();

    Pick probe = fleet.pick();
    assertEquals("n1", probe.node().id());
    fleet.calls(100);
    assertEquals(1, fleet.picks("n1"));

    probe.done(Outcome.SUCCESS);
    assertEquals(List.of("probed n1 SUCCESS", "readmitted n1"), fleet.news);
  }

  @Test
  void eachFailedProbeMakesTheEjectionLongerUpToABound() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    for (int n = 2; n <= 70; n++) {
      fleet.forget();
      fleet.pass(fleet.lastTime);
      fleet.calls(10);

      assertEquals(List.of("probed n1 FAILURE", "ejected n1 PROBE_FAILED"), fleet.news);
      assertEquals(1, fleet.picks("n1"));
      Duration full = n <= 60 ? BASE.multipliedBy(n) : EjectionOptions.DEFAULT_MAX_EJECTION_TIME;
      assertTrue(fleet.lastTime.compareTo(full) <= 0, n + ": " + fleet.lastTime);
      assertTrue(
          fleet.lastTime.compareTo(full.multipliedBy(4).dividedBy(5)) >= 0,
          n + ": " + fleet.lastTime);
    }
  }

  @Test
  void ejectionTimeGrowsWithEachEjectionAndShrinksInPeace() {
    Fleet fleet = Fleet.of(4);
    for (int n = 1; n <= 3; n++) {
      fleet.eject("n1");
      assertTrue(fleet.lastTime.compareTo(BASE.multipliedBy(n)) <= 0, n + ": " + fleet.lastTime);
      assertTrue(
          fleet.lastTime.compareTo(BASE.multipliedBy(n).multipliedBy(4).dividedBy(5)) >= 0,
          n + ": " + fleet.lastTime);
      fleet.answers("n1", Outcome.SUCCESS);
      fleet.pass(fleet.lastTime);
      fleet.callsTo("n1", 1);
    }

    fleet.pass(Duration.ofSeconds(25));
    fleet.eject("n1");

    // 3 steps before, less 2 intervals, plus 1
    assertTrue(fleet.lastTime.compareTo(BASE.multipliedBy(2)) <= 0, fleet.lastTime::toString);
    assertTrue(fleet.lastTime.compareTo(BASE.multipliedBy(8).dividedBy(5)) >= 0);
  }

  @Test
  void probeThatTellsNothingIsFollowedByAnother() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.answers("n1", Outcome.CANCELLED);
    // longer than after which a node is taken back that nobody asks for
    for (int i = 0; i < 100; i++) {
      fleet.forget();
      fleet.pass(BASE.plus(SECOND));
      fleet.calls(100);
      assertEquals(1, fleet.picks("n1"));
      assertEquals(List.of("probed n1 CANCELLED"), fleet.news);
    }

    fleet.answers("n1", Outcome.SUCCESS);
    fleet.pass(BASE.plus(SECOND));
    fleet.calls(2);

    assertEquals(Set.of(), fleet.out());
  }

  @Test
  void probeThatNeverEndsWedgesNothing() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.pass(BASE);
    assertEquals("n1", fleet.pick().node().id());
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.pass(Duration.ofNanos(Ejection.PATIENCE_NANOS));

    fleet.calls(2);

    assertEquals(Set.of(), fleet.out());
  }

  @Test
  void probeThatIsAnsweredTakesTheNodeBackThoughItGoesOnAsAStream() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.pass(BASE);
    fleet.forget();
    Pick stream = fleet.pick();

    stream.answered();

    assertEquals(List.of("probed n1 SUCCESS", "readmitted n1"), fleet.news);
    stream.done(Fleet.LOST);
    assertEquals(2, fleet.news.size());
  }

  @Test
  void callThatTriedTheNodeBeforeIsNotItsProbe() {
    Fleet fleet = Fleet.of(2);
    Next next = fleet.selector.select("greeter").result();
    Pick first = next.next();
    String id = first.node().id();
    first.done(Fleet.LOST);
    fleet.answers(id, Fleet.LOST);
    fleet.callsTo(id, 4);
    assertEquals(Set.of(id), fleet.out());
    fleet.pass(BASE);

    assertNotEquals(id, next.next().node().id());
    assertEquals(id, fleet.call());
  }

  @Test
  void retryOfACallMayBeTheProbeAndIsSettledOnce() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    Next next = fleet.selector.select("greeter").result();
    next.next().done(Fleet.LOST);
    fleet.pass(BASE);

    Pick probe = next.next();

    assertEquals("n1", probe.node().id());
    assertNotEquals("n1", next.next().node().id());
    probe.done(Outcome.SUCCESS);
    assertThrows(IllegalStateException.class, () -> probe.done(Outcome.SUCCESS));
  }

  @Test
  void severalNodesAreProbedByDifferentCalls() {
    Fleet fleet = Fleet.of(8);
    fleet.eject("n1");
    fleet.eject("n2");
    fleet.eject("n3");
    fleet.pass(BASE);
    List<Pick> picks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      picks.add(fleet.pick());
    }

    assertEquals(
        Set.of("n1", "n2", "n3"),
        Set.of(picks.get(0).node().id(), picks.get(1).node().id(), picks.get(2).node().id()));
    assertFalse(fleet.out().contains(picks.get(3).node().id()));
  }

  @Test
  void nodeThatNobodyAsksForIsTakenBackByTime() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.forget();
    SelectOption others =
        SelectOption.filter(Filter.where("not n1", (service, node) -> !node.id().equals("n1")));

    fleet.pass(BASE.plus(EjectionOptions.DEFAULT_MAX_EJECTION_TIME));
    fleet.call(others);

    assertEquals(List.of("readmitted n1"), fleet.news);
  }

  // ---- what belongs to another time

  @Test
  void whatWasInFlightAtTheEjectionChangesNothing() {
    Fleet fleet = Fleet.of(4);
    List<Pick> before = fleet.picksOf("n1", 10);
    fleet.eject("n1");
    fleet.forget();

    for (int i = 0; i < before.size(); i++) {
      before.get(i).done(i % 2 == 0 ? Outcome.SUCCESS : Fleet.LOST);
    }

    assertEquals(Set.of("n1"), fleet.out());
    assertEquals(List.of(), fleet.news);
  }

  @Test
  void whatBeganBeforeTheNodeWasTakenBackDoesNotEjectItAgain() {
    Fleet fleet = Fleet.of(4);
    List<Pick> hung = fleet.picksOf("n1", 100);
    fleet.eject("n1");
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.pass(BASE);
    fleet.calls(4);
    assertEquals(Set.of(), fleet.out());

    hung.forEach(pick -> pick.done(Fleet.LOST));

    assertEquals(Set.of(), fleet.out());
  }

  @Test
  void ejectionSurvivesChangesOfTheServiceAndAnAbsence() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.join("n9", "127.0.0.1:9009");
    fleet.calls(20);
    fleet.leave("n1");
    fleet.calls(20);
    fleet.join("n1", "127.0.0.1:9001");
    fleet.forget();

    fleet.calls(20);

    assertEquals(0, fleet.picks("n1"));
    assertEquals(Set.of("n1"), fleet.out());
  }

  @Test
  void anotherAddressIsANewChance() {
    Fleet fleet = Fleet.of(4);
    List<Pick> old = fleet.picksOf("n1", 10);
    fleet.eject("n1");
    fleet.forget();
    fleet.pass(SECOND);
    fleet.join("n1", "127.0.0.1:7777");
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.calls(40);
    assertEquals(10, fleet.picks("n1"));
    assertEquals(List.of("readmitted n1"), fleet.news);

    // what fails at the old address does not count for the new one
    old.forEach(pick -> pick.done(Fleet.LOST));
    assertEquals(List.of("readmitted n1"), fleet.news);
    // nor do the ejections of before
    fleet.eject("n1");
    assertTrue(fleet.lastTime.compareTo(BASE) <= 0, fleet.lastTime::toString);
  }

  @Test
  void otherMetadataIsNoNewChance() {
    Fleet fleet = Fleet.of(4);
    fleet.eject("n1");
    fleet.registry.answer(
        Service.builder("greeter")
            .node(Node.of("n0", "127.0.0.1:9000"))
            .node(Node.builder("n1", "127.0.0.1:9001").metadata("zone", "a").build())
            .build());
    fleet.forget();

    fleet.calls(20);

    assertEquals(20, fleet.picks("n0"));
  }

  @Test
  void resetTakesAllBack() {
    Fleet fleet = Fleet.of(8);
    fleet.eject("n1");
    fleet.eject("n2");
    fleet.forget();

    fleet.selector.reset("greeter");

    assertEquals(List.of("readmitted n1", "readmitted n2"), fleet.news);
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.answers("n2", Outcome.SUCCESS);
    fleet.calls(80);
    assertEquals(10, fleet.picks("n1"));
    assertEquals(10, fleet.picks("n2"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nodeThatIsTakenBackIsNotHeldUpByItsOldLoad(boolean slowProbe) {
    Fleet fleet = new Fleet(Strategy.powerOfTwo(), new EjectionOptions(), 4, 1);
    fleet.calls(100);
    fleet.answers("n1", Fleet.LOST);
    while (!fleet.out().contains("n1")) {
      fleet.call();
      fleet.pass(Duration.ofMillis(100));
    }
    fleet.answers("n1", Outcome.SUCCESS);
    fleet.pass(BASE);
    Pick probe = fleet.pick();
    assertEquals("n1", probe.node().id());
    fleet.pass(slowProbe ? SECOND : Duration.ofMillis(1));
    probe.done(Outcome.SUCCESS);
    fleet.forget();

    fleet.calls(400);

    assertTrue(fleet.picks("n1") >= 50, fleet.toString());
  }
}
