// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NanosTest {

  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

  @Test
  void areExactWithinTheirRange() {
    assertEquals(1_500_000_001, Nanos.of(Duration.ofSeconds(1, 500_000_001)));
    assertEquals(-7, Nanos.of(Duration.ofNanos(-7)));
    assertEquals(Nanos.MOST - 1, Nanos.of(Duration.ofNanos(Nanos.MOST - 1)));
    assertEquals(1_500, Nanos.millis(Duration.ofMillis(1_500)));
  }

  @Test
  void areCutAtTheEndsOfTheirRange() {
    assertEquals(Nanos.MOST, Nanos.of(FOR_EVER));
    assertEquals(-Nanos.MOST, Nanos.of(Duration.ofSeconds(Long.MIN_VALUE)));
    assertEquals(Nanos.MOST / 1_000_000, Nanos.millis(FOR_EVER));
  }
}
