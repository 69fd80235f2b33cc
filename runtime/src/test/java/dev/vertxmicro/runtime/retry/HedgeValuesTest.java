// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HedgeValuesTest {

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, 0, 1, 6})
  void refusesAttemptsOutOfRange(int attempts) {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> new Hedge.After(Duration.ZERO, attempts));

    assertEquals("maxAttempts: " + attempts + " (expected: 2 to 5)", refused.getMessage());
  }

  @Test
  void refusesADelayBelowZero() {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> new Hedge.After(Duration.ofMillis(-1), 2));

    assertEquals("delay: PT-0.001S (expected: zero or more)", refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 0, 0.51, Double.NaN})
  void refusesAnExtraLoadOutOfRange(double extraLoad) {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new Hedge.Percentile(extraLoad));

    assertEquals(
        "extraLoad: " + extraLoad + " (expected: above 0, at most 0.5)", refused.getMessage());
  }

  @Test
  void saysTheMostAttempts() {
    assertEquals(1, Hedge.OFF.maxAttempts());
    assertEquals(2, new Hedge.Percentile(0.01).maxAttempts());
    assertEquals(5, new Hedge.After(Duration.ZERO, 5).maxAttempts());
  }

  @Test
  void aTailHedgePaysForItsShareOfTheCallsAndNoMore() {
    TailHedge tail = new TailHedge(new Hedge.Percentile(0.05), new FakeTimeSource());
    assertFalse(tail.withdraw());

    for (int i = 0; i < 40; i++) {
      tail.callStarted();
    }

    assertTrue(tail.withdraw());
    assertTrue(tail.withdraw());
    assertFalse(tail.withdraw());
  }
}
