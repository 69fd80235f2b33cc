// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of one event loop, in slots of about a millisecond of which each is a linked list: a
 * hashed timing wheel (Varghese and Lauck, 1987, scheme 6). Arming and disarming are O(1) and
 * allocate nothing.
 *
 * <p>One real timer waits for the next slot that is not empty, and none if all are: an idle loop is
 * not woken. Alarms that are further away than the wheel is long share a slot with sooner ones, and
 * stay in it when it is looked at; that is at most once in each turn of the wheel, {@value #SLOTS}
 * ticks.
 *
 * <p>An alarm rings at the first tick behind its instant: never too early, and up to a tick late.
 * Used by one thread.
 */
final class TimerWheel {

  static final int SLOTS = 2_048;

  /** A little more than a millisecond, so that division is a shift. */
  static final long TICK_NANOS = 1L << 20;

  private static final int TICK_SHIFT = 20;

  /** Behind the slots: those that are ringing, one after the other. */
  private static final int RINGING = SLOTS;

  private static final int WORD_BITS = 64;
  private static final long NEVER = Long.MAX_VALUE;

  /** Arms the one real timer. */
  @FunctionalInterface
  interface Scheduler {
    /** Runs {@code task} once, after a delay of zero or more. */
    Timer timer(long delayNanos, Runnable task);
  }

  private final LongSupplier nanoTime;
  private final Scheduler scheduler;
  private final long beginNanos;
  private final @Nullable Alarm[] slots = new @Nullable Alarm[SLOTS + 1];

  /** A bit for each slot that is not empty. */
  private final long[] used = new long[SLOTS / WORD_BITS];

  private @Nullable Timer timer;
  private long timerTick = NEVER;
  private long lastTick;

  TimerWheel(LongSupplier nanoTime, Scheduler scheduler) {
    this.nanoTime = nanoTime;
    this.scheduler = scheduler;
    this.beginNanos = nanoTime.getAsLong();
  }

  /**
   * Arms {@code alarm}, which is not.
   *
   * @param delayNanos from 0 to {@link Nanos#MOST}
   */
  void add(Alarm alarm, long delayNanos) {
    addAt(alarm, nanoTime.getAsLong() + delayNanos);
  }

  /**
   * Arms {@code alarm}, which is not.
   *
   * @param atNanos the instant; one that has passed is now
   */
  void addAt(Alarm alarm, long atNanos) {
    alarm.wheel = this;
    alarm.tick = Math.max(lastTick, (atNanos - beginNanos) >> TICK_SHIFT) + 1;
    link(alarm, (int) (alarm.tick % SLOTS));
    if (alarm.tick < timerTick) {
      waitFor(alarm.tick);
    }
  }

  /** Disarms {@code alarm}, which is here. */
  void remove(Alarm alarm) {
    unlink(alarm);
    alarm.wheel = null;
  }

  private void link(Alarm alarm, int slot) {
    Alarm first = slots[slot];
    alarm.slot = slot;
    alarm.after = first;
    if (first != null) {
      first.before = alarm;
    } else if (slot != RINGING) {
      used[slot / WORD_BITS] |= 1L << slot;
    }
    slots[slot] = alarm;
  }

  private void unlink(Alarm alarm) {
    Alarm before = alarm.before;
    Alarm after = alarm.after;
    if (after != null) {
      after.before = before;
    }
    if (before != null) {
      before.after = after;
    } else {
      slots[alarm.slot] = after;
      if (after == null && alarm.slot != RINGING) {
        used[alarm.slot / WORD_BITS] &= ~(1L << alarm.slot);
      }
    }
    alarm.before = null;
    alarm.after = null;
  }

  // ---- the real timer

  private void waitFor(long tick) {
    if (timer != null) {
      timer.cancel();
    }
    timerTick = tick;
    long now = nanoTime.getAsLong() - beginNanos;
    timer = scheduler.timer(Math.max(0, (tick << TICK_SHIFT) - now), this::turn);
  }

  /** Rings what is due, and waits for what comes next. */
  private void turn() {
    timer = null;
    timerTick = NEVER;
    long now = (nanoTime.getAsLong() - beginNanos) >> TICK_SHIFT;
    long from = Math.max(lastTick + 1, now - SLOTS + 1);
    lastTick = now;
    for (long tick = from; tick <= now; tick++) {
      collect((int) (tick % SLOTS), now);
    }
    try {
      ring();
    } finally {
      long next = next(now);
      if (next < timerTick) {
        waitFor(next);
      }
    }
  }

  private void collect(int slot, long now) {
    Alarm alarm = slots[slot];
    while (alarm != null) {
      Alarm after = alarm.after;
      if (alarm.tick <= now) {
        unlink(alarm);
        link(alarm, RINGING);
      }
      alarm = after;
    }
  }

  /** An alarm that rings may disarm the others. */
  private void ring() {
    for (Alarm alarm = slots[RINGING]; alarm != null; alarm = slots[RINGING]) {
      remove(alarm);
      alarm.due();
    }
  }

  /** Returns the next tick whose slot is not empty, or never. */
  private long next(long now) {
    if (slots[RINGING] != null) {
      return now;
    }
    int start = (int) ((now + 1) % SLOTS);
    int word = start / WORD_BITS;
    long bits = used[word] & (-1L << start);
    for (int i = 0; i <= used.length; i++) {
      if (bits != 0) {
        int slot = word * WORD_BITS + Long.numberOfTrailingZeros(bits);
        return now + 1 + Math.floorMod(slot - start, SLOTS);
      }
      word = (word + 1) % used.length;
      bits = used[word];
    }
    return NEVER;
  }
}
