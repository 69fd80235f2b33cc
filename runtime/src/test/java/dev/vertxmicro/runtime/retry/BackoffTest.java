// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

  private static final CallInfo CALL = new SomeCall(false);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 100})
  void noneNeverWaits(int attempt) {
    assertEquals(Duration.ZERO, Backoff.none().delay(CALL, attempt));
  }

  @Test
  void fixedWaitsBeforeRetriesOnly() {
    Backoff backoff = Backoff.fixed(Duration.ofMillis(7));

    assertEquals(Duration.ZERO, backoff.delay(CALL, 0));
    assertEquals(Duration.ofMillis(7), backoff.delay(CALL, 1));
    assertEquals(Duration.ofMillis(7), backoff.delay(CALL, 100));
  }

  @Test
  void fixedRefusesLessThanZero() {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> Backoff.fixed(Duration.ofMillis(-1)));

    assertEquals("delay: PT-0.001S (expected: zero or more)", refused.getMessage());
  }

  /** go-micro's table: milliseconds before attempt n. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 100",
    "2, 600",
    "3, 1900",
    "4, 4300",
    "5, 7900",
    "6, 13000",
    "7, 19800",
    "8, 28500",
    "9, 39200",
    "10, 52200",
    "11, 67700",
    "12, 85800",
    "13, 106600",
    "14, 120000",
    "15, 120000",
    "1000, 120000",
  })
  void goMicroWaitsByItsPolynomial(int attempt, long millis) {
    assertEquals(Duration.ofMillis(millis), Backoff.goMicro().delay(CALL, attempt));
  }

  /** The bound doubles from the base to the cap; randomness takes the share that is asked for. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.5, 0",
    "1, 0, 0",
    "1, 0.5, 12_500",
    "2, 0.5, 25_000",
    "3, 0.5, 50_000",
    "6, 0.5, 400_000",
    "7, 0.5, 500_000",
    "8, 0.5, 500_000",
    "1000, 0.5, 500_000",
  })
  void fullJitterDoublesItsBoundUpToTheCap(int attempt, double random, String micros) {
    Backoff backoff =
        Backoff.fullJitter(Duration.ofMillis(25), Duration.ofSeconds(1), () -> random);

    long expected = Long.parseLong(micros.replace("_", "")) * 1_000;
    assertEquals(Duration.ofNanos(expected), backoff.delay(CALL, attempt));
  }

  @Test
  void fullJitterIsEvenlySpreadBelowItsBound() {
    Random random = new Random(1);
    Backoff backoff =
        Backoff.fullJitter(Duration.ofMillis(100), Duration.ofMillis(100), random::nextDouble);

    int[] tenths = new int[10];
    for (int i = 0; i < 100_000; i++) {
      tenths[(int) (backoff.delay(CALL, 1).toNanos() / 10_000_000)]++;
    }
    for (int count : tenths) {
      assertTrue(count > 9_500 && count < 10_500, count + " of 100,000 in one of ten parts");
    }
  }

  @Test
  void fullJitterDrawsItsOwnRandomnessIfNoneIsGiven() {
    Backoff backoff = Backoff.fullJitter(Duration.ofMillis(1), Duration.ofMillis(1));

    Duration delay = backoff.delay(CALL, 1);

    assertTrue(!delay.isNegative() && delay.compareTo(Duration.ofMillis(1)) < 0, delay.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10, base: PT0S (expected: above zero)",
    "-5, 10, base: PT-0.005S (expected: above zero)",
    "20, 10, cap: PT0.01S (expected: at least PT0.02S)",
    "20, 86400001, cap: PT24H0.001S (expected: at most PT24H)",
  })
  void fullJitterRefusesWhatIsOutOfRange(long base, long cap, String said) {
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Backoff.fullJitter(Duration.ofMillis(base), Duration.ofMillis(cap)));

    assertEquals(said, refused.getMessage());
  }

  @Test
  void printsAsOneWouldWriteIt() {
    assertEquals(
        "Backoff.fullJitter(PT0.025S, PT1S)",
        Backoff.fullJitter(Duration.ofMillis(25), Duration.ofSeconds(1)).toString());
    assertEquals("Fixed[pause=PT1S]", Backoff.fixed(Duration.ofSeconds(1)).toString());
  }
}
