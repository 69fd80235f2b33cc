// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {

  private final FakeTimeSource time = new FakeTimeSource();

  @Test
  void expiresAtItsInstantAndNotBefore() {
    Deadline deadline = Deadline.after(Duration.ofMillis(5), time);

    time.advance(Duration.ofNanos(4_999_999));
    assertFalse(deadline.isExpired());
    assertEquals(1, deadline.remainingNanos());

    time.advance(Duration.ofNanos(1));
    assertTrue(deadline.isExpired());
    assertEquals(Duration.ZERO, deadline.remaining());

    time.advance(Duration.ofNanos(3));
    assertEquals(-3, deadline.remainingNanos());
    assertEquals(Duration.ZERO, deadline.remaining());
  }

  @Test
  void remainsForOneWhoHasReadTheClock() {
    Deadline deadline = Deadline.afterNanos(10, time);
    long now = time.nanoTime() + 3;

    assertEquals(7, deadline.remainingNanos(now));
    assertEquals(-1, deadline.remainingNanos(now + 8));
    assertEquals(Long.MAX_VALUE, Deadline.NONE.remainingNanos(now));
    assertEquals(13, Deadline.afterNanos(10, now, time).remainingNanos());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void hasExpiredAlreadyForZeroAndLess(long nanos) {
    assertTrue(Deadline.afterNanos(nanos, time).isExpired());
    assertTrue(Deadline.after(Duration.ofNanos(nanos), time).isExpired());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 5, Long.MIN_VALUE, Long.MIN_VALUE + 5, -1})
  void holdsForAnyReadingOfTheClock(long now) {
    FakeTimeSource odd = new FakeTimeSource(now);
    Deadline soon = Deadline.afterNanos(10, odd);
    Deadline never = Deadline.afterNanos(Long.MAX_VALUE, odd);
    Deadline past = Deadline.afterNanos(Long.MIN_VALUE, odd);

    assertEquals(10, soon.remainingNanos());
    assertFalse(never.isExpired());
    assertTrue(past.isExpired());
    assertSame(soon, soon.min(never));
    assertSame(soon, never.min(soon));
    assertSame(past, never.min(past));

    odd.advance(Duration.ofNanos(10));
    assertTrue(soon.isExpired());
    assertFalse(never.isExpired());
  }

  @Test
  void cutsTimeoutsThatNanosecondsCannotHold() {
    Deadline far = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), time);
    Deadline past = Deadline.after(Duration.ofSeconds(Long.MIN_VALUE), time);

    assertEquals(Duration.ofNanos(Long.MAX_VALUE / 2), far.remaining());
    assertTrue(past.isExpired());
  }

  @Test
  void neverComesIfThereIsNone() {
    assertTrue(Deadline.NONE.isNone());
    assertFalse(Deadline.NONE.isExpired());
    assertEquals(Long.MAX_VALUE, Deadline.NONE.remainingNanos());
    assertEquals(Duration.ofNanos(Long.MAX_VALUE), Deadline.NONE.remaining());
    assertFalse(Deadline.afterNanos(1, time).isNone());
  }

  @Test
  void givesWayToTheEarlier() {
    Deadline sooner = Deadline.afterNanos(1, time);
    Deadline later = Deadline.afterNanos(2, time);

    assertSame(sooner, sooner.min(later));
    assertSame(sooner, later.min(sooner));
    assertSame(sooner, sooner.min(Deadline.NONE));
    assertSame(sooner, Deadline.NONE.min(sooner));
    assertSame(Deadline.NONE, Deadline.NONE.min(Deadline.NONE));
  }

  @Test
  void isNotComparedAcrossClocks() {
    Deadline here = Deadline.afterNanos(1, time);
    Deadline there = Deadline.afterNanos(1, new FakeTimeSource());

    assertThrows(IllegalArgumentException.class, () -> here.min(there));
  }

  @Test
  void printsWhatRemains() {
    assertEquals("Deadline[in 1500 us]", Deadline.afterNanos(1_500_000, time).toString());
    assertEquals("Deadline[none]", Deadline.NONE.toString());
  }
}
