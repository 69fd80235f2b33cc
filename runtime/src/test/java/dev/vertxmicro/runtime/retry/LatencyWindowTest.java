// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyWindowTest {

  private static final double WORST_ERROR = 0.032;

  private final FakeTimeSource time = new FakeTimeSource();

  private static void record(LatencyWindow window, int times, long micros) {
    for (int i = 0; i < times; i++) {
      window.record(micros * 1_000);
    }
  }

  private long refreshed(LatencyWindow window) {
    time.advance(Duration.ofSeconds(3));
    return window.delayNanos();
  }

  @Test
  void givesNoDelayBeforeAHundredObservations() {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 99, 20_000);
    assertEquals(LatencyWindow.NEVER, refreshed(window));

    record(window, 1, 20_000);
    assertTrue(refreshed(window) > 0);
  }

  @Test
  void looksAgainEveryThreeSeconds() {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 100, 20_000);

    time.advance(Duration.ofMillis(2_999));
    assertEquals(LatencyWindow.NEVER, window.delayNanos());
    time.advance(Duration.ofMillis(1));
    assertTrue(window.delayNanos() > 0);
  }

  /** Never too early, and at most 3.2 % too late. */
  @ParameterizedTest
  @ValueSource(
      longs = {1_000, 1_023, 1_024, 1_025, 2_047, 2_048, 12_345, 65_535, 999_999, 1_900_000})
  void isRightToAFewPercent(long micros) {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 1_000, micros);

    double ratio = refreshed(window) / (micros * 1_000.0);

    assertTrue(ratio > 1 && ratio <= 1 + WORST_ERROR, "ratio " + ratio);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.1, 0.05, 0.01, 0.001})
  void findsTheQuantileOfWhatWasRecorded(double extraLoad) {
    LatencyWindow window = new LatencyWindow(extraLoad, time);
    Random random = new Random(7);
    long[] micros = new long[50_000];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = (long) (5_000 * Math.exp(random.nextGaussian()));
      window.record(micros[i] * 1_000);
    }
    Arrays.sort(micros);
    double exact = micros[(int) Math.ceil(micros.length * (1 - extraLoad)) - 1] * 1_000.0;

    double ratio = refreshed(window) / exact;

    assertTrue(ratio > 1 && ratio <= 1 + WORST_ERROR, "ratio " + ratio);
  }

  @ParameterizedTest
  @CsvSource({"0, 1_000_000", "10, 1_000_000", "900, 1_000_000"})
  void isAtLeastAMillisecond(long micros, String nanos) {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 100, micros);

    assertEquals(Long.parseLong(nanos.replace("_", "")), refreshed(window));
  }

  @ParameterizedTest
  @ValueSource(longs = {2_000_000, 2_000_001, 60_000_000, Long.MAX_VALUE / 1_000})
  void givesNoDelayOfTwoSecondsOrMore(long micros) {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 1_000, micros);

    assertEquals(LatencyWindow.NEVER, refreshed(window));
  }

  @Test
  void takesAClockThatWentBackAsNoTime() {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 100, -5);

    assertEquals(1_000_000, refreshed(window));
  }

  @ParameterizedTest
  @CsvSource({
    "9_999, true",
    "10_000, true",
    "19_999, true",
    "20_000, true",
    "29_999, true",
    "30_000, false"
  })
  void keepsEachObservationForThreeTurnsOfTenSeconds(String millis, boolean kept) {
    LatencyWindow window = new LatencyWindow(0.05, time);
    record(window, 100, 20_000);

    time.advance(Duration.ofMillis(Long.parseLong(millis.replace("_", ""))));

    assertEquals(kept, window.delayNanos() > 0);
  }

  @Test
  void followsAChangeOfTheLatencies() {
    LatencyWindow window = new LatencyWindow(0.5, time);
    record(window, 1_000, 10_000);
    assertTrue(refreshed(window) < 11_000_000);

    time.advance(Duration.ofSeconds(10));
    record(window, 3_000, 50_000);
    assertTrue(refreshed(window) > 50_000_000);
  }

  @Test
  void takesObservationsOfManyThreadsWhileItTurns() throws InterruptedException {
    LatencyWindow window = new LatencyWindow(0.05, time);
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] = new Thread(() -> record(window, 10_000, 20_000));
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    double ratio = refreshed(window) / 20_000_000.0;
    assertTrue(ratio > 1 && ratio <= 1 + WORST_ERROR, "ratio " + ratio);
  }
}
