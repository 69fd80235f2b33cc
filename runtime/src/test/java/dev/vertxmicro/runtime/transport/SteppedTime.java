// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.time.FakeTimeSource;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import java.time.Duration;

/**
 * A clock that a test moves while event loops read it and arm timers. The tasks of timers run on
 * the test's thread; what is under test takes them to its own.
 */
public final class SteppedTime implements TimeSource {

  private final FakeTimeSource time = new FakeTimeSource();

  /** Makes a clock that stands still. */
  public SteppedTime() {}

  @Override
  public synchronized long nanoTime() {
    return time.nanoTime();
  }

  @Override
  public synchronized long epochMillis() {
    return time.epochMillis();
  }

  @Override
  public synchronized Timer timer(long delayNanos, Runnable task) {
    Timer armed = time.timer(delayNanos, task);
    return () -> cancel(armed);
  }

  private synchronized boolean cancel(Timer armed) {
    return armed.cancel();
  }

  /** Moves the clock and runs what comes due on the way. */
  public synchronized void advance(Duration by) {
    time.advance(by);
  }

  /** Returns how many timers are armed. */
  public synchronized int armed() {
    return time.armed();
  }
}
