// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Makes calls at a steady rate, whether they are answered or not, as users would: an open loop. The
 * latency of a call counts from when it was due, so that a stall of this program, or of the
 * service, is seen in all calls that it delayed (no coordinated omission).
 *
 * <p>At most {@code most} calls are open; what is due beyond that is not sent, and counted. Lives
 * on one context, but for {@link #line}.
 */
final class OpenLoop {

  private static final long TICK_NANOS = 1_000_000;
  private static final double NANOS = 1e9;

  private final double rate;
  private final Duration duration;
  private final long calls;
  private final int most;
  private final Supplier<Future<?>> call;
  private final Promise<OpenLoop> ended = Promise.promise();

  private final Histogram latencies = new Histogram(3);
  private final Map<String, Long> failures = new TreeMap<>();
  private final TimeSource time;
  private long start;
  private long due;
  private long notSent;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private boolean over;

  /**
   * Prepares a load.
   *
   * @param rate calls a second
   * @param most calls open at a time
   */
  OpenLoop(TimeSource time, double rate, Duration duration, int most, Supplier<Future<?>> call) {
    this.time = time;
    this.rate = rate;
    this.duration = duration;
    this.calls = Math.max(1, (long) (duration.toNanos() / NANOS * rate));
    this.most = most;
    this.call = call;
  }

  /**
   * Begins, on the context that calls this; completes when all that was sent is answered, and fails
   * with what a call has thrown.
   */
  Future<OpenLoop> run() {
    start = time.nanoTime();
    tick();
    return ended.future();
  }

  private void tick() {
    long elapsed = time.nanoTime() - start;
    try {
      for (; due < calls && dueAfter(due) <= elapsed; due++) {
        send(start + dueAfter(due));
      }
    } catch (RuntimeException unfit) {
      ended.tryFail(unfit);
      return;
    }
    if (elapsed < duration.toNanos()) {
      time.timer(TICK_NANOS, this::tick);
    } else {
      over = true;
      endIfDone();
    }
  }

  /** The first call is due at once, and so the last one before the end. */
  private long dueAfter(long call) {
    return (long) (call / rate * NANOS);
  }

  private void send(long dueAt) {
    if (open.get() >= most) {
      notSent++;
      return;
    }
    Future<?> made = call.get();
    open.incrementAndGet();
    sent.incrementAndGet();
    made.onComplete(
        reply -> {
          open.decrementAndGet();
          if (reply.succeeded()) {
            answered.incrementAndGet();
            latencies.recordValue(Math.max(0, time.nanoTime() - dueAt));
          } else {
            failed.incrementAndGet();
            failures.merge(RpcException.from(reply.cause()).grpcStatus().name(), 1L, Long::sum);
          }
          endIfDone();
        });
  }

  private void endIfDone() {
    if (over && open.get() == 0) {
      ended.tryComplete(this);
    }
  }

  /** Returns how far it has come, for any thread. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%,d sent, %,d answered, %,d failed, %,d open",
        sent.get(),
        answered.get(),
        failed.get(),
        open.get());
  }

  // after the end

  Histogram latencies() {
    return latencies;
  }

  Map<String, Long> failures() {
    return failures;
  }

  long sent() {
    return sent.get();
  }

  long answered() {
    return answered.get();
  }

  long notSent() {
    return notSent;
  }
}
