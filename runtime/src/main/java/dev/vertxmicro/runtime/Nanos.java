// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.time.Duration;

/** Durations as nanoseconds, cut at 146 years: half of the range, so that instants can be added. */
final class Nanos {

  static final long MOST = Long.MAX_VALUE / 2;

  private static final Duration LONGEST = Duration.ofNanos(MOST);
  private static final Duration LEAST = Duration.ofNanos(-MOST);

  private Nanos() {}

  /** Returns whole milliseconds, cut as well: options in JSON. */
  static long millis(Duration duration) {
    return of(duration) / 1_000_000;
  }

  static long of(Duration duration) {
    if (duration.compareTo(LONGEST) >= 0) {
      return MOST;
    }
    return duration.compareTo(LEAST) <= 0 ? -MOST : duration.toNanos();
  }
}
