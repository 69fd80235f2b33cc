// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * A clock that stands still until a test moves it. Timers run in order of their instants (first
 * armed first when equal), on the thread that calls {@link #advance}.
 */
public final class FakeTimeSource implements TimeSource {

  private final PriorityQueue<Armed> timers = new PriorityQueue<>();
  private long now = 1_000_000_000L;
  private long sequence;

  /** Makes a clock that stands. */
  public FakeTimeSource() {}

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public long epochMillis() {
    return 1_700_000_000_000L + now / 1_000_000;
  }

  @Override
  public Timer timer(long delayNanos, Runnable task) {
    Armed armed = new Armed(now + Math.max(0, delayNanos), sequence++, task);
    timers.add(armed);
    return () -> timers.remove(armed);
  }

  /** Moves the clock and runs what comes due on the way, including timers armed meanwhile. */
  public void advance(Duration by) {
    long until = now + by.toNanos();
    for (Armed next = timers.peek(); next != null && next.at <= until; next = timers.peek()) {
      timers.remove();
      now = Math.max(now, next.at);
      next.task.run();
    }
    now = until;
  }

  /** Returns how many timers are armed. */
  public int armed() {
    return timers.size();
  }

  private record Armed(long at, long order, Runnable task) implements Comparable<Armed> {
    @Override
    public int compareTo(Armed other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }
}
