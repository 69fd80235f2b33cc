// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhaseTimesTest {

  @Test
  void addsUpPhaseByPhase() {
    PhaseTimes first = PhaseTimes.NONE.plus(Phase.SELECT, 5).plus(Phase.WAIT, 7);
    PhaseTimes second = PhaseTimes.NONE.plus(Phase.WAIT, 3).plus(Phase.SEND, 1);

    PhaseTimes sum = first.plus(second);

    assertEquals(Duration.ofNanos(5), sum.in(Phase.SELECT));
    assertEquals(Duration.ofNanos(10), sum.in(Phase.WAIT));
    assertEquals(Duration.ofNanos(1), sum.in(Phase.SEND));
    assertEquals(Duration.ZERO, sum.in(Phase.BACKOFF));
    assertEquals(Duration.ofNanos(7), first.in(Phase.WAIT));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void doesNotChangeByZeroAndLess(long nanos) {
    PhaseTimes times = PhaseTimes.NONE.plus(Phase.WAIT, 1);

    assertSame(times, times.plus(Phase.WAIT, nanos));
  }

  @Test
  void doesNotChangeByNone() {
    PhaseTimes times = PhaseTimes.NONE.plus(Phase.WAIT, 1);

    assertSame(times, times.plus(PhaseTimes.NONE));
    assertSame(times, PhaseTimes.NONE.plus(times));
  }

  @Test
  void staysAtTheMostInsteadOfOverflowing() {
    PhaseTimes most = PhaseTimes.NONE.plus(Phase.WAIT, Long.MAX_VALUE);

    assertEquals(Duration.ofNanos(Long.MAX_VALUE), most.plus(Phase.WAIT, 1).in(Phase.WAIT));
    assertEquals(Duration.ofNanos(Long.MAX_VALUE), most.plus(most).in(Phase.WAIT));
  }

  @Test
  void printsPhasesInOrderInMillisecondsOrMicroseconds() {
    PhaseTimes times =
        PhaseTimes.NONE
            .plus(Phase.WAIT, 979_400_000)
            .plus(Phase.SELECT, 1_999_999)
            .plus(Phase.SEND, 12_000)
            .plus(Phase.QUEUE, 999);

    assertEquals("select 1 ms, send 12 us, wait 979 ms", times.toString());
    assertEquals("no time spent", PhaseTimes.NONE.toString());
  }

  @Test
  void isEqualByValue() {
    PhaseTimes times = PhaseTimes.NONE.plus(Phase.WAIT, 1);

    assertEquals(times, PhaseTimes.NONE.plus(Phase.WAIT, 1));
    assertEquals(times.hashCode(), PhaseTimes.NONE.plus(Phase.WAIT, 1).hashCode());
    assertNotEquals(times, PhaseTimes.NONE.plus(Phase.SEND, 1));
  }
}
