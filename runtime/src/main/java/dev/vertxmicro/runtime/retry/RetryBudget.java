// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bounds retries and hedges over all calls to one service: a share of the calls of the last 10 s
 * plus a reserve per second (Finagle {@code RetryBudget}).
 *
 * <p>Each call deposits 1, each retry withdraws {@code 1 / ratio}; deposits live for ten slots of 1
 * s. A withdrawal takes the reserve's and the deposits' tokens together. O(1), lock-free, may be
 * used from any thread; under contention the balance is exact to the calls in flight.
 */
public final class RetryBudget {

  /** 20 % of the calls. */
  public static final double DEFAULT_RATIO = 0.2;

  /** 10 retries per second. */
  public static final int DEFAULT_MIN_PER_SECOND = 10;

  private static final int SLOTS = 10;
  private static final long SLOT_NANOS = 1_000_000_000L;
  private static final long TOKEN = 1_000;

  /** A share below one of a million calls counts as that: prices must not overflow sums. */
  private static final double LEAST_RATIO = 1e-6;

  private static final int MOST_PER_SECOND = 1_000_000;

  private final TimeSource time;
  private final long start;
  private final long deposit;
  private final long withdrawal;
  private final long reserve;
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);
  private final AtomicLong currentSlot = new AtomicLong();

  /**
   * Makes a budget that holds its full reserve.
   *
   * @param ratio retries per call, 0 to 1; 0 leaves only the reserve
   * @param minPerSecond retries per second that are always there, 0 to 1,000,000
   * @param time the clock
   */
  public RetryBudget(double ratio, int minPerSecond, TimeSource time) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0 to 1)");
    }
    if (minPerSecond < 0 || minPerSecond > MOST_PER_SECOND) {
      throw new IllegalArgumentException(
          "minPerSecond: " + minPerSecond + " (expected: 0 to " + MOST_PER_SECOND + ")");
    }
    this.time = time;
    this.start = time.nanoTime();
    // Without a ratio a call deposits nothing; the price only has to be some number.
    this.withdrawal = ratio == 0 ? TOKEN : Math.round(TOKEN / Math.max(ratio, LEAST_RATIO));
    this.deposit = ratio == 0 ? 0 : TOKEN;
    this.reserve = minPerSecond * (long) SLOTS * withdrawal;
  }

  /** Counts one call; not its retries. */
  public void deposit() {
    deposit(time.nanoTime());
  }

  /**
   * Counts one call, for one who has just read the clock.
   *
   * @param now what the clock of this budget says
   */
  public void deposit(long now) {
    slots.addAndGet(slot(now), deposit);
  }

  /** Takes the price of one retry or hedge, if it is there. */
  public boolean withdraw() {
    int slot = slot(time.nanoTime());
    if (sum() < withdrawal) {
      return false;
    }
    slots.addAndGet(slot, -withdrawal);
    return true;
  }

  /** Returns how many retries the budget allows now. */
  public long balance() {
    slot(time.nanoTime());
    return Math.max(0, sum() / withdrawal);
  }

  private long sum() {
    long sum = reserve;
    for (int i = 0; i < SLOTS; i++) {
      sum += slots.get(i);
    }
    return sum;
  }

  /** Returns the slot of now, after clearing those that have expired since the last look. */
  private int slot(long nanos) {
    long now = (nanos - start) / SLOT_NANOS;
    long seen = currentSlot.get();
    if (now > seen && currentSlot.compareAndSet(seen, now)) {
      for (long expired = Math.max(seen + 1, now - SLOTS + 1); expired <= now; expired++) {
        slots.set((int) (expired % SLOTS), 0);
      }
    }
    return (int) (now % SLOTS);
  }

  @Override
  public String toString() {
    return "RetryBudget[balance=" + balance() + "]";
  }
}
