// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Takes what event loops report and hands it to the thread of the command, until there were as many
 * as wanted, or the time is over. What comes while {@value #MOST} wait is counted and dropped.
 */
final class Follower<T> {

  private static final int MOST = 10_000;
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final BlockingQueue<T> taken = new ArrayBlockingQueue<>(MOST);
  private final FollowFlags flags;
  private final TimeSource time;
  private final AtomicLong dropped = new AtomicLong();

  Follower(FollowFlags flags, TimeSource time) {
    this.flags = flags;
    this.time = time;
    if (flags.count < 0) {
      throw new IllegalArgumentException("--count: " + flags.count + " (expected: 0 or more)");
    }
  }

  /** Called by one event loop. */
  void take(T event) {
    if (!taken.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  /** Hands on what comes and returns the exit code. */
  int forEach(Consumer<T> sink) {
    Duration bound = flags.time.isZero() ? FOR_EVER : flags.time;
    long end = time.nanoTime() + bound.toNanos();
    try {
      for (int seen = 0; flags.count == 0 || seen < flags.count; seen++) {
        T next = taken.poll(end - time.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          return flags.count == 0 ? MicroCommand.OK : MicroCommand.TIMED_OUT;
        }
        sink.accept(next);
      }
      return MicroCommand.OK;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return MicroCommand.FAILED;
    }
  }

  long dropped() {
    return dropped.get();
  }
}
