// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlowStartTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final SlowStart TEN_SECONDS = new SlowStart(10 * SECOND, 0.1, 1);

  @ParameterizedTest
  @CsvSource({
    "-1, 0.1",
    "0, 0.1",
    "0.5, 0.1",
    "1, 0.1",
    "2, 0.2",
    "5, 0.5",
    "9.9, 0.99",
    "10, 1",
    "11, 1"
  })
  void shareGrowsEvenlyFromTheMinimum(double seconds, double share) {
    assertEquals(share, TEN_SECONDS.share((long) (seconds * SECOND)), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"2, 0.25, 0.5", "2, 0.01, 0.1", "0.5, 0.5, 0.25", "0.5, 0.1, 0.05", "10, 0.5, 0.933"})
  void aggressionBendsTheRamp(double aggression, double part, double share) {
    SlowStart bent = new SlowStart(100 * SECOND, 0.05, aggression);

    assertEquals(share, bent.share((long) (part * 100 * SECOND)), 1e-3);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 999_999_999, 1_000_000_000, Long.MAX_VALUE / 2, -7_300_000_001L})
  void stepsAreAtTheSameInstantsForAll(long now) {
    long next = TEN_SECONDS.nextStep(now);

    assertTrue(next - now > 0 && next - now <= SECOND, now + " then " + next);
    assertEquals(0, Math.floorMod(next, SECOND));
    assertEquals(next + SECOND, TEN_SECONDS.nextStep(next));
  }

  @Test
  void newNodesGetTheirShareOfNow() {
    List<Candidate> nodes = Candidates.of(Strategy.random(), 3);
    nodes.get(1).state().startSlowly(5 * SECOND);
    nodes.get(2).state().startSlowly(3 * SECOND);

    List<Candidate> paced = TEN_SECONDS.paced(nodes, 8 * SECOND);

    assertSame(nodes.get(0), paced.get(0));
    assertEquals(0.3, paced.get(1).share(), 1e-9);
    assertEquals(0.5, paced.get(2).share(), 1e-9);
    assertSame(nodes, TEN_SECONDS.paced(nodes, 15 * SECOND));
  }

  @Test
  void nodesThatAreAllNewGetAll() {
    List<Candidate> nodes = Candidates.of(Strategy.random(), 2);
    nodes.get(0).state().startSlowly(0);
    nodes.get(1).state().startSlowly(8 * SECOND);

    assertSame(nodes, TEN_SECONDS.paced(nodes, 9 * SECOND));
    assertEquals(0.3, TEN_SECONDS.paced(nodes, 11 * SECOND).get(1).share(), 1e-9);
  }

  @Test
  void shareOfTheSubsetIsKept() {
    List<Candidate> nodes = Candidates.of(Strategy.random(), 2);
    List<Candidate> edge = List.of(nodes.get(0), nodes.get(1).withPartOfShare(0.5));
    nodes.get(1).state().startSlowly(0);

    assertEquals(0.25, TEN_SECONDS.paced(edge, 5 * SECOND).get(1).share(), 1e-9);
  }

  @Test
  void withoutAWindowNodesStartAtOnce() {
    List<Candidate> nodes = Candidates.of(Strategy.random(), 2);
    nodes.get(0).state().startSlowly(SECOND);
    SlowStart off = new SlowStart(0, 0.1, 1);

    assertFalse(off.isStarting(nodes.get(0).state(), SECOND));
    assertSame(nodes, off.paced(nodes, SECOND));
  }

  @Test
  void aClockAtZeroIsNotTakenForLongAgo() {
    NodeState state = Candidates.of(Strategy.random(), 1).get(0).state();

    state.startSlowly(0);
    assertTrue(TEN_SECONDS.isStarting(state, SECOND));
    state.startAtOnce();
    assertFalse(TEN_SECONDS.isStarting(state, SECOND));
  }
}
