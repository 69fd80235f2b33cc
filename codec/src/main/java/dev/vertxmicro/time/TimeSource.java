// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import io.vertx.core.Vertx;

/**
 * Reads the clock and arms timers. Tests replace it with a clock that they move by hand.
 *
 * <p>Nanoseconds are used here and on the wire only; everywhere else a span of time is a {@link
 * java.time.Duration}.
 */
public interface TimeSource {

  /**
   * Returns the current instant of a monotonic clock in nanoseconds. Only differences between two
   * readings have a meaning.
   */
  long nanoTime();

  /** Returns the wall clock in milliseconds since the epoch, for instants that come from others. */
  long epochMillis();

  /**
   * Runs {@code task} once, {@code delayNanos} from now, on the Vert.x context that calls this
   * method. A delay of zero or less fires as soon as possible, never before this method returns.
   *
   * @param delayNanos the delay in nanoseconds
   * @param task what to run
   * @return a handle that cancels the timer
   */
  Timer timer(long delayNanos, Runnable task);

  /**
   * Returns the clock of the machine and the timers of {@code vertx}, which fire at a whole
   * millisecond, never too early.
   */
  static TimeSource of(Vertx vertx) {
    return new VertxTimeSource(vertx);
  }
}
