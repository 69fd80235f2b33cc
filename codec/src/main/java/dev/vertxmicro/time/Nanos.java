// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import java.time.Duration;

/**
 * Durations as numbers, cut at 146 years: half of the range of nanoseconds, so that an instant can
 * be added to one. {@link Duration#toNanos} throws for what is longer than the range instead.
 */
public final class Nanos {

  /** 146 years. */
  public static final long MOST = Long.MAX_VALUE / 2;

  private static final Duration LONGEST = Duration.ofNanos(MOST);
  private static final Duration LEAST = Duration.ofNanos(-MOST);

  private Nanos() {}

  /** Returns whole milliseconds, cut as well: options in JSON. */
  public static long millis(Duration duration) {
    return of(duration) / 1_000_000;
  }

  /** Returns nanoseconds, from minus {@link #MOST} to {@link #MOST}. */
  public static long of(Duration duration) {
    if (duration.compareTo(LONGEST) >= 0) {
      return MOST;
    }
    return duration.compareTo(LEAST) <= 0 ? -MOST : duration.toNanos();
  }
}
