// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {

  private static final long TURN = TimerWheel.SLOTS * TimerWheel.TICK_NANOS;

  private final FakeTimeSource time = new FakeTimeSource(Long.MAX_VALUE - 5 * TURN);
  private int woken;
  private final TimerWheel turning =
      new TimerWheel(
          time::nanoTime,
          (delay, task) ->
              time.timer(
                  delay,
                  () -> {
                    woken++;
                    task.run();
                  }));

  /** Notes when it rings. */
  private final class Bell extends Alarm {
    final long due;
    final List<Long> rung = new ArrayList<>();
    Runnable then = () -> {};

    Bell(long delay) {
      due = time.nanoTime() + delay;
      turning.add(this, delay);
    }

    @Override
    protected void ring() {
      rung.add(time.nanoTime() - due);
      then.run();
    }

    void assertRungOnceInTime() {
      assertEquals(1, rung.size());
      assertTrue(rung.get(0) >= 0 && rung.get(0) <= TimerWheel.TICK_NANOS, () -> rung + " ns late");
      assertFalse(isArmed());
    }
  }

  private void advance(long nanos) {
    time.advance(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        TimerWheel.TICK_NANOS - 1,
        TimerWheel.TICK_NANOS,
        TURN - 1,
        TURN,
        TURN + 1,
        3 * TURN + 7,
        20 * TURN
      })
  void ringsInTheTickBehindItsInstantAndNotBefore(long delay) {
    Bell bell = new Bell(delay);

    advance(Math.max(0, delay - 1));
    assertTrue(delay == 0 || bell.rung.isEmpty(), "too early");
    advance(TimerWheel.TICK_NANOS + 1);

    bell.assertRungOnceInTime();
    assertEquals(0, time.armed());
  }

  @Test
  void doesNotRingWhatIsDisarmedAndThenWaitsForNothing() {
    Bell bell = new Bell(5 * TimerWheel.TICK_NANOS);

    assertTrue(bell.disarm());
    assertFalse(bell.disarm());
    advance(3 * TURN);

    assertTrue(bell.rung.isEmpty());
    assertEquals(1, woken);
    assertEquals(0, time.armed());
  }

  @Test
  void ringsASoonerOneThatWasArmedLater() {
    Bell later = new Bell(900_000_000);
    Bell sooner = new Bell(3_000_000);

    advance(5_000_000);
    sooner.assertRungOnceInTime();
    assertTrue(later.rung.isEmpty());
    advance(900_000_000);
    later.assertRungOnceInTime();
  }

  @Test
  void anAlarmThatRingsMayDisarmOneThatIsDueToo() {
    Bell one = new Bell(1_000);
    Bell other = new Bell(1_000);
    one.then = other::disarm;
    other.then = one::disarm;

    advance(10_000_000);

    assertEquals(1, one.rung.size() + other.rung.size());
    assertFalse(one.isArmed() || other.isArmed());
  }

  @Test
  void anAlarmThatRingsMayBeArmedAgain() {
    Bell bell = new Bell(1_000);
    bell.then = () -> turning.add(bell, 2_000_000_000);

    advance(10_000_000);
    assertTrue(bell.isArmed());
    bell.then = () -> {};
    advance(3_000_000_000L);

    assertEquals(2, bell.rung.size());
    assertEquals(0, time.armed());
  }

  @Test
  void anInstantThatHasPassedIsNow() {
    new Bell(1_000);
    advance(10_000_000);
    Bell bell = new Bell(60_000_000_000L);
    bell.disarm();

    turning.addAt(bell, time.nanoTime() - 5_000_000);
    advance(TimerWheel.TICK_NANOS);

    assertEquals(1, bell.rung.size());
    assertEquals(0, time.armed());
  }

  @Test
  void isWokenRarelyByCallsThatEndBeforeTheirDeadlines() {
    for (int i = 0; i < 100_000; i++) {
      Bell call = new Bell(30_000_000_000L);
      advance(100_000);
      call.disarm();
    }

    assertTrue(woken <= 10, woken + " times in 10 s");
  }

  @Test
  void ringsEachOfManyOnce() {
    Random random = new Random(7);
    List<Bell> ringing = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Bell bell = new Bell(random.nextLong(3 * TURN));
      if (random.nextInt(3) == 0) {
        bell.disarm();
      } else {
        ringing.add(bell);
      }
      advance(random.nextInt(500_000));
    }
    advance(4 * TURN);

    ringing.forEach(Bell::assertRungOnceInTime);
    assertEquals(0, time.armed());
  }
}
