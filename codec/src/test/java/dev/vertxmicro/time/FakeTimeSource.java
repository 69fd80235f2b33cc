// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * A clock that stands still until a test moves it. Timers run in order of their instants (first
 * armed first when equal), on the thread that calls {@link #advance}; a test that has more than one
 * thread needs another clock.
 */
public final class FakeTimeSource implements TimeSource {

  private final PriorityQueue<Armed> timers = new PriorityQueue<>();
  private long now;
  private long sequence;

  /** Makes a clock that stands at one second. */
  public FakeTimeSource() {
    this(1_000_000_000L);
  }

  /** Makes a clock that stands at {@code nanos}, for tests of the wrap of {@link #nanoTime}. */
  public FakeTimeSource(long nanos) {
    this.now = nanos;
  }

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
    // Half of the range, as differences of instants must not overflow.
    long delay = Math.max(0, Math.min(delayNanos, Long.MAX_VALUE / 2));
    Armed armed = new Armed(now + delay, sequence++, task);
    timers.add(armed);
    return () -> timers.remove(armed);
  }

  /** Moves the clock and runs what comes due on the way, including timers armed meanwhile. */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("by: " + by + " (expected: zero or more)");
    }
    long until = now + by.toNanos();
    for (Armed next = timers.peek(); next != null && next.at - until <= 0; next = timers.peek()) {
      timers.remove();
      // A timer may be older than the clock, if a task before it has advanced the clock itself.
      now = next.at - now > 0 ? next.at : now;
      next.task.run();
    }
    now = until - now > 0 ? until : now;
  }

  /** Returns how many timers are armed. */
  public int armed() {
    return timers.size();
  }

  private record Armed(long at, long order, Runnable task) implements Comparable<Armed> {
    @Override
    public int compareTo(Armed other) {
      return at != other.at ? Long.signum(at - other.at) : Long.compare(order, other.order);
    }
  }
}
