// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static dev.vertxmicro.selector.Outcome.Kind.CANCELLED;
import static dev.vertxmicro.selector.Outcome.Kind.FAILURE;
import static dev.vertxmicro.selector.Outcome.Kind.SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeakEwmaTest {

  private static final long MS = 1_000_000;
  private static final long SECOND = 1_000 * MS;
  private static final long TAU = 10 * SECOND;
  private static final long PENALTY = 5 * SECOND;
  private static final long START = 77 * SECOND;

  private final PeakEwma load = new PeakEwma(TAU, PENALTY);

  private double idle(long now) {
    return load.value(0, 0, now);
  }

  private static void assertNear(double expected, double actual) {
    assertEquals(expected, actual, expected * 1e-3);
  }

  @Test
  void neverMeasuredIsTheBestUntilOneAttemptIsUnderWay() {
    assertEquals(0, load.value(0, 0, START));
    assertTrue(load.value(1, 0, START) > 3_600L * SECOND);
    assertTrue(load.value(2, 0, START) > load.value(1, 0, START));
  }

  @Test
  void firstSampleIsTheCost() {
    load.observe(SUCCESS, 20 * MS, START);

    assertNear(20 * MS, idle(START));
  }

  @Test
  void loadGrowsWithWhatIsInFlight() {
    load.observe(SUCCESS, 20 * MS, START);

    assertNear(80 * MS, load.value(3, 0, START));
  }

  @Test
  void peakCountsAtOnceAndFadesByTheDecay() {
    load.observe(SUCCESS, 20 * MS, START);
    load.observe(SUCCESS, 100 * MS, START + MS);

    assertNear(100 * MS, idle(START + MS));
    assertNear(100 * MS / Math.E, idle(START + MS + TAU));
    assertNear(100 * MS / (Math.E * Math.E), idle(START + MS + 2 * TAU));
  }

  @Test
  void lowerSampleCountsByTheTimeSinceTheLast() {
    load.observe(SUCCESS, 100 * MS, START);
    load.observe(SUCCESS, 10 * MS, START + TAU);

    assertNear(100 * MS / Math.E + 10 * MS * (1 - 1 / Math.E), idle(START + TAU));
  }

  @Test
  void manySamplesConvergeToTheLatency() {
    load.observe(SUCCESS, 1 * SECOND, START);
    for (int i = 1; i <= 10_000; i++) {
      load.observe(SUCCESS, 10 * MS, START + i * 10 * MS);
    }

    assertEquals(10 * MS, idle(START + 100 * SECOND), 0.01 * 10 * MS);
  }

  @Test
  void readingChangesNothing() {
    load.observe(SUCCESS, 100 * MS, START);
    double before = idle(START + TAU);

    for (int i = 0; i < 1_000; i++) {
      load.value(i, i * MS, START + i * SECOND);
    }

    assertEquals(before, idle(START + TAU));
  }

  @Test
  void firstFailureOfANodeNeverMeasuredCostsThePenalty() {
    load.observe(FAILURE, 1 * MS, START);

    assertNear(PENALTY, idle(START));
  }

  @Test
  void fastFailureCostsFourTimesWhatWasMeasuredHoweverLongAgo() {
    load.observe(SUCCESS, 20 * MS, START);
    load.observe(FAILURE, 1 * MS, START + 100 * TAU);

    assertNear(80 * MS, idle(START + 100 * TAU));
  }

  @Test
  void failuresInARowReachThePenaltyAndNoMore() {
    load.observe(SUCCESS, 10 * MS, START);
    double[] costs = {40 * MS, 160 * MS, 640 * MS, 2_560 * MS, PENALTY, PENALTY};
    for (double cost : costs) {
      load.observe(FAILURE, 1 * MS, START);
      assertNear(cost, idle(START));
    }
  }

  @Test
  void penaltyZeroLeavesTheTimeThatTheFailureTook() {
    PeakEwma plain = new PeakEwma(TAU, 0);
    plain.observe(FAILURE, 3 * MS, START);

    assertNear(3 * MS, plain.value(0, 0, START));
  }

  @Test
  void slowFailureCostsItsTime() {
    load.observe(FAILURE, 30 * SECOND, START);

    assertNear(30 * SECOND, idle(START));
  }

  @Test
  void cancelledAttemptRaisesTheCostAndNeverLowersIt() {
    load.observe(CANCELLED, 50 * MS, START);
    assertNear(50 * MS, idle(START));

    load.observe(CANCELLED, 1 * MS, START + SECOND);
    assertNear(50 * MS * Math.exp(-0.1), idle(START + SECOND));

    load.observe(CANCELLED, 200 * MS, START + SECOND);
    assertNear(200 * MS, idle(START + SECOND));
  }

  @Test
  void ageOfWhatIsInFlightCountsIfItIsMore() {
    load.observe(SUCCESS, 20 * MS, START);

    assertNear(2 * 20 * MS, load.value(1, 19 * MS, START));
    assertNear(2 * 300 * MS, load.value(1, 300 * MS, START));
  }

  @Test
  void costIsNeverLessThanThatOfANodeNeverMeasured() {
    load.observe(SUCCESS, 0, START);
    assertEquals(1, idle(START));

    load.observe(SUCCESS, 1 * MS, START);
    assertEquals(1, idle(START + 3_600 * SECOND));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20, 38, 40, 60, 77})
  void costOfANodeIdleForHoursIsTheLeast(long hours) {
    load.observe(SUCCESS, 5 * SECOND, START);

    assertEquals(1, idle(START + Duration.ofHours(hours).toNanos()));
  }

  @Test
  void clockMayBeNegativeAndOthersMayBeAhead() {
    load.observe(SUCCESS, 100 * MS, -SECOND);

    assertNear(100 * MS, idle(-SECOND - MS));
    assertNear(100 * MS * Math.exp(-0.2), idle(SECOND));
  }

  @Test
  void resetForgets() {
    load.observe(FAILURE, 0, START);

    load.reset();

    assertEquals(0, idle(START));
  }

  @Test
  void peaksOfSeveralThreadsAreNotLost() throws Exception {
    int threads = 4;
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> running = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      int id = thread;
      Thread each =
          new Thread(
              () -> {
                await(start);
                for (int i = 0; i < 50_000; i++) {
                  load.observe(SUCCESS, (i * threads + id) * 1_000L, START);
                }
              });
      each.start();
      running.add(each);
    }

    start.countDown();
    for (Thread each : running) {
      each.join();
    }

    assertNear(199_999_000.0, idle(START));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
