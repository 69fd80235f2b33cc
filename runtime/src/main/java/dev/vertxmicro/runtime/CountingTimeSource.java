// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.time.Alarm;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;

/**
 * Tells the observer of each timer that a client arms. Alarms are told of by the calls that they
 * are parts of, see {@link OpenCalls.Entry}.
 */
final class CountingTimeSource implements TimeSource {

  private final TimeSource time;
  private final RpcObserver observer;

  CountingTimeSource(TimeSource time, RpcObserver observer) {
    this.time = time;
    this.observer = observer;
  }

  @Override
  public long nanoTime() {
    return time.nanoTime();
  }

  @Override
  public long epochMillis() {
    return time.epochMillis();
  }

  @Override
  public Timer timer(long delayNanos, Runnable task) {
    observer.timerArmed();
    Timer timer =
        time.timer(
            delayNanos,
            () -> {
              observer.timerEnded();
              task.run();
            });
    return () -> {
      boolean cancelled = timer.cancel();
      if (cancelled) {
        observer.timerEnded();
      }
      return cancelled;
    };
  }

  @Override
  public void arm(Alarm alarm, long delayNanos) {
    time.arm(alarm, delayNanos);
  }

  @Override
  public void armAt(Alarm alarm, long atNanos) {
    time.armAt(alarm, atNanos);
  }

  @Override
  public String toString() {
    return time.toString();
  }
}
