// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FakeTimeSourceTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final List<String> fired = new ArrayList<>();

  @Test
  void firesInOrderOfInstantsThenOfArming() {
    time.timer(2, () -> fired.add("late"));
    time.timer(1, () -> fired.add("first"));
    time.timer(1, () -> fired.add("second"));
    time.timer(3, () -> fired.add("too late"));

    time.advance(Duration.ofNanos(2));

    assertEquals(List.of("first", "second", "late"), fired);
    assertEquals(1, time.armed());
  }

  @Test
  void showsEachTimerItsOwnInstant() {
    long start = time.nanoTime();
    time.timer(5, () -> fired.add("at " + (time.nanoTime() - start)));
    time.timer(7, () -> fired.add("at " + (time.nanoTime() - start)));

    time.advance(Duration.ofNanos(10));

    assertEquals(List.of("at 5", "at 7"), fired);
    assertEquals(start + 10, time.nanoTime());
  }

  @Test
  void firesTimersArmedOnTheWay() {
    time.timer(5, () -> time.timer(5, () -> fired.add("inner")));

    time.advance(Duration.ofNanos(9));
    assertEquals(List.of(), fired);

    time.advance(Duration.ofNanos(1));
    assertEquals(List.of("inner"), fired);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void doesNotFireBeforeTheClockIsMoved(long delay) {
    time.timer(delay, () -> fired.add("now"));
    assertEquals(List.of(), fired);

    time.advance(Duration.ZERO);
    assertEquals(List.of("now"), fired);
  }

  @Test
  void cancelsOnceAndOnlyBeforeItFires() {
    Timer cancelled = time.timer(1, () -> fired.add("cancelled"));
    Timer run = time.timer(1, () -> fired.add("run"));

    assertTrue(cancelled.cancel());
    assertFalse(cancelled.cancel());
    time.advance(Duration.ofNanos(1));

    assertEquals(List.of("run"), fired);
    assertFalse(run.cancel());
  }

  @Test
  void letsATimerCancelOneOfTheSameInstant() {
    List<Timer> timers = new ArrayList<>();
    time.timer(1, () -> fired.add("cancelled: " + timers.get(0).cancel()));
    timers.add(time.timer(1, () -> fired.add("cancelled one ran")));

    time.advance(Duration.ofNanos(1));

    assertEquals(List.of("cancelled: true"), fired);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 3, Long.MIN_VALUE})
  void keepsTheOrderAtTheWrapOfTheClock(long now) {
    FakeTimeSource odd = new FakeTimeSource(now);
    odd.timer(Long.MAX_VALUE, () -> fired.add("never"));
    odd.timer(5, () -> fired.add("five"));
    odd.timer(2, () -> fired.add("two"));

    odd.advance(Duration.ofDays(365));

    assertEquals(List.of("two", "five"), fired);
  }

  @Test
  void neverGoesBack() {
    time.timer(1, () -> time.advance(Duration.ofNanos(10)));
    long start = time.nanoTime();

    time.advance(Duration.ofNanos(2));

    assertEquals(start + 11, time.nanoTime());
    assertThrows(IllegalArgumentException.class, () -> time.advance(Duration.ofNanos(-1)));
  }

  @Test
  void movesTheWallClockAlong() {
    long before = time.epochMillis();

    time.advance(Duration.ofSeconds(3));

    assertEquals(before + 3_000, time.epochMillis());
  }
}
