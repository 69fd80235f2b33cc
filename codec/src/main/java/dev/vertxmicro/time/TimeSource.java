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
   * Arms {@code alarm} to ring once, {@code delayNanos} from now, as {@link #timer} would run a
   * task. By default with a timer; where that is worth it without allocating anything.
   *
   * @param alarm is not armed
   * @param delayNanos the delay in nanoseconds
   * @throws IllegalStateException if {@code alarm} is armed
   */
  default void arm(Alarm alarm, long delayNanos) {
    alarm.requireIdle();
    alarm.armedBy(timer(delayNanos, alarm::due));
  }

  /**
   * Arms {@code alarm} as {@link #arm} does, for one who has just read the clock.
   *
   * @param alarm is not armed
   * @param atNanos the instant in nanoseconds of this clock; one that has passed is now
   * @throws IllegalStateException if {@code alarm} is armed
   */
  default void armAt(Alarm alarm, long atNanos) {
    arm(alarm, atNanos - nanoTime());
  }

  /**
   * Returns the clock of the machine, the timers of {@code vertx}, never too early, and alarms that
   * ring up to two milliseconds late; those that are armed on an event loop allocate nothing.
   */
  static TimeSource of(Vertx vertx) {
    return new VertxTimeSource(vertx);
  }
}
