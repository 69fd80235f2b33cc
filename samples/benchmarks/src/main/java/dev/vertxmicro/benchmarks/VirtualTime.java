// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import java.util.PriorityQueue;

/** A clock that a simulation moves; for one thread. */
final class VirtualTime implements TimeSource {

  private final PriorityQueue<Armed> timers = new PriorityQueue<>();
  private long now = 1_000_000_000L;
  private long armed;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public long epochMillis() {
    return now / 1_000_000;
  }

  @Override
  public Timer timer(long delayNanos, Runnable task) {
    Armed timer = new Armed(now + Math.max(0, delayNanos), armed++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Moves the clock and runs what comes due on the way, in order. */
  void advance(long nanos) {
    long until = now + nanos;
    for (Armed next = timers.peek(); next != null && next.at <= until; next = timers.peek()) {
      timers.remove();
      now = next.at;
      next.task.run();
    }
    now = until;
  }

  private record Armed(long at, long order, Runnable task) implements Comparable<Armed> {
    @Override
    public int compareTo(Armed other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }
}
