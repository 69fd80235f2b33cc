// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class RangesTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static void assertRefused(String message, Executable check) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, check).getMessage());
  }

  @Test
  void boundsAreAllowed() {
    assertEquals(1, Ranges.within("n", 1, 1, 2));
    assertEquals(2, Ranges.within("n", 2, 1, 2));
    assertEquals(0.5, Ranges.within("r", 0.5, 0.5, 1));
    assertEquals(1.0, Ranges.within("r", 1.0, 0.5, 1));
    assertEquals(SECOND, Ranges.within("d", SECOND, SECOND, MINUTE));
    assertEquals(MINUTE, Ranges.within("d", MINUTE, SECOND, MINUTE));
    assertEquals(Duration.ZERO, Ranges.notNegative("d", Duration.ZERO));
    assertEquals(Duration.ofNanos(1), Ranges.positive("d", Duration.ofNanos(1)));
    assertEquals(" x", Ranges.notBlank("s", " x"));
  }

  @Test
  void whatIsRefusedIsNamed() {
    assertRefused("n: 0 (expected: 1 to 2)", () -> Ranges.within("n", 0, 1, 2));
    assertRefused("n: 3 (expected: 1 to 2)", () -> Ranges.within("n", 3, 1, 2));
    assertRefused("r: NaN (expected: 0.0 to 1.0)", () -> Ranges.within("r", Double.NaN, 0, 1));
    assertRefused("r: 1.5 (expected: 0.0 to 1.0)", () -> Ranges.within("r", 1.5, 0, 1));
    assertRefused(
        "d: PT0S (expected: PT1S to PT1M)",
        () -> Ranges.within("d", Duration.ZERO, SECOND, MINUTE));
    assertRefused("d: PT0S (expected: above zero)", () -> Ranges.positive("d", Duration.ZERO));
    assertRefused(
        "d: PT-1S (expected: zero or more)", () -> Ranges.positive("d", SECOND.negated()));
    assertRefused("s: ' ' (expected: not blank)", () -> Ranges.notBlank("s", " "));
  }
}
