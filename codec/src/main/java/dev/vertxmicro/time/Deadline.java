// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An instant by which a call must have ended, on the monotonic clock of one {@link TimeSource}.
 *
 * <p>Immutable. {@link #NONE} never expires.
 */
public final class Deadline {

  /** The deadline that never comes. */
  public static final Deadline NONE = new Deadline(null, 0);

  private final @Nullable TimeSource time;

  private final long atNanos;

  private Deadline(@Nullable TimeSource time, long atNanos) {
    this.time = time;
    this.atNanos = atNanos;
  }

  /**
   * Returns the deadline that is {@code timeout} from now.
   *
   * @param timeout how long from now, cut at 146 years; zero or less has expired already
   * @param time the clock
   */
  public static Deadline after(Duration timeout, TimeSource time) {
    return afterNanos(Nanos.of(timeout), time);
  }

  /**
   * Returns the deadline that is {@code timeoutNanos} from now.
   *
   * @param timeoutNanos how long from now, in nanoseconds, cut at 146 years; zero or less has
   *     expired already
   * @param time the clock
   */
  public static Deadline afterNanos(long timeoutNanos, TimeSource time) {
    Objects.requireNonNull(time, "time");
    return afterNanos(timeoutNanos, time.nanoTime(), time);
  }

  /**
   * Returns the deadline that is {@code timeoutNanos} from {@code now}, for one who has just read
   * the clock.
   *
   * @param timeoutNanos how long from {@code now}, in nanoseconds, cut at 146 years; zero or less
   *     has expired already
   * @param now what {@code time} says
   * @param time the clock
   */
  public static Deadline afterNanos(long timeoutNanos, long now, TimeSource time) {
    Objects.requireNonNull(time, "time");
    long bounded = Math.max(-Nanos.MOST, Math.min(timeoutNanos, Nanos.MOST));
    return new Deadline(time, now + bounded);
  }

  /**
   * Returns the time that remains in nanoseconds, negative once expired, {@link Long#MAX_VALUE} for
   * {@link #NONE}.
   */
  public long remainingNanos() {
    return time == null ? Long.MAX_VALUE : atNanos - time.nanoTime();
  }

  /**
   * Returns what {@link #remainingNanos()} does, for one who has just read the clock.
   *
   * @param now what the clock of this deadline says
   */
  public long remainingNanos(long now) {
    return time == null ? Long.MAX_VALUE : atNanos - now;
  }

  /** Returns the time that remains: zero once expired, about 292 years for {@link #NONE}. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, remainingNanos()));
  }

  /** Tells whether the instant has come. */
  public boolean isExpired() {
    return remainingNanos() <= 0;
  }

  /** Tells whether this is {@link #NONE}. */
  public boolean isNone() {
    return time == null;
  }

  /**
   * Returns the earlier of two deadlines.
   *
   * @throws IllegalArgumentException if both expire and stand on different clocks
   */
  public Deadline min(Deadline other) {
    if (time == null) {
      return other;
    }
    if (other.time == null) {
      return this;
    }
    if (!time.equals(other.time)) {
      throw new IllegalArgumentException(
          "other: deadline on " + other.time + " (expected: on " + time + ")");
    }
    return atNanos - other.atNanos <= 0 ? this : other;
  }

  @Override
  public String toString() {
    return isNone() ? "Deadline[none]" : "Deadline[in " + remainingNanos() / 1_000 + " us]";
  }
}
