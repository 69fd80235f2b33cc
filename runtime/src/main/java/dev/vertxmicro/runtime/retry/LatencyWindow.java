// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.time.TimeSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The latencies of one endpoint in the last 30 s: three histograms of 10 s each, and a quantile
 * that is computed at most every 3 s (Finagle {@code WindowedPercentileHistogram}).
 *
 * <p>A histogram has 32 linear buckets per power of two of microseconds: 1 us to 2 s with an error
 * of at most 3.2 %, in 2 KB. Recording is O(1), a quantile O(buckets). May be used from any thread.
 */
public final class LatencyWindow {

  /** No hedge: too few observations, or a quantile out of range. */
  public static final long NEVER = -1;

  private static final long SLOT_NANOS = 10_000_000_000L;
  private static final long REFRESH_NANOS = 3_000_000_000L;
  private static final long MAX_MICROS = 2_000_000;
  private static final long MIN_MICROS = 1_000;
  private static final long MIN_OBSERVATIONS = 100;

  private static final int LINEAR_BITS = 5;
  private static final int LINEAR = 1 << LINEAR_BITS;
  private static final int BUCKETS = bucket(MAX_MICROS) + 1;

  private final TimeSource time;
  private final double quantile;
  private final AtomicReference<Slots> slots;
  private volatile long delayNanos = NEVER;
  private volatile long refreshAt;

  /**
   * Makes an empty window.
   *
   * @param extraLoad 1 minus the quantile to watch, above 0 and below 1
   * @param time the clock
   */
  public LatencyWindow(double extraLoad, TimeSource time) {
    this.time = time;
    this.quantile = 1 - extraLoad;
    this.slots =
        new AtomicReference<>(new Slots(time.nanoTime(), histogram(), histogram(), histogram()));
    this.refreshAt = time.nanoTime() + REFRESH_NANOS;
  }

  /** Records how long a call took that was answered, ran into its deadline, or was overtaken. */
  public void record(long nanos) {
    long micros = Math.min(Math.max(0, nanos / 1_000), MAX_MICROS);
    rotated(time.nanoTime()).newest.incrementAndGet(bucket(micros));
  }

  /** Returns after how many nanoseconds to hedge, or {@link #NEVER}. */
  public long delayNanos() {
    long now = time.nanoTime();
    if (now - refreshAt >= 0) {
      refreshAt = now + REFRESH_NANOS;
      delayNanos = compute(rotated(now));
    }
    return delayNanos;
  }

  private long compute(Slots current) {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += current.count(i);
    }
    if (total < MIN_OBSERVATIONS) {
      return NEVER;
    }
    long below = (long) Math.ceil(total * quantile);
    int at = 0;
    for (long seen = current.count(0); seen < below; seen += current.count(at)) {
      at++;
    }
    long micros = upperBound(at);
    return micros >= MAX_MICROS ? NEVER : Math.max(MIN_MICROS, micros) * 1_000;
  }

  private Slots rotated(long now) {
    Slots current = slots();
    long slotsPassed = (now - current.since) / SLOT_NANOS;
    if (slotsPassed < 1) {
      return current;
    }
    Slots fresh =
        new Slots(
            current.since + slotsPassed * SLOT_NANOS,
            histogram(),
            slotsPassed == 1 ? current.newest : histogram(),
            slotsPassed == 1 ? current.middle : slotsPassed == 2 ? current.newest : histogram());
    return slots.compareAndSet(current, fresh) ? fresh : slots();
  }

  private Slots slots() {
    return Objects.requireNonNull(slots.get(), "slots");
  }

  private static AtomicIntegerArray histogram() {
    return new AtomicIntegerArray(BUCKETS);
  }

  private static int bucket(long micros) {
    if (micros < LINEAR) {
      return (int) micros;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(micros);
    int shift = exponent - LINEAR_BITS;
    return ((shift + 1) << LINEAR_BITS) + (int) ((micros >> shift) & (LINEAR - 1));
  }

  /** Returns the first value above the bucket. */
  private static long upperBound(int bucket) {
    if (bucket < LINEAR) {
      return bucket + 1L;
    }
    int shift = (bucket >> LINEAR_BITS) - 1;
    return (LINEAR + (bucket & (LINEAR - 1)) + 1L) << shift;
  }

  @Override
  public String toString() {
    return "LatencyWindow[quantile=" + quantile + ", delayNanos=" + delayNanos + "]";
  }

  private record Slots(
      long since, AtomicIntegerArray newest, AtomicIntegerArray middle, AtomicIntegerArray oldest) {

    long count(int bucket) {
      return (long) newest.get(bucket) + middle.get(bucket) + oldest.get(bucket);
    }
  }
}
