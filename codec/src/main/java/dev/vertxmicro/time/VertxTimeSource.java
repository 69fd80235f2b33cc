// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clock of the machine, and timers on the event loops of Vert.x.
 *
 * <p>Not {@code Vertx.setTimer}: what that arms in a verticle is cancelled, untold, when the
 * verticle is undeployed, and a call would lose its deadline. This is the one place of the module
 * that uses Vert.x' internal (but exported) API.
 */
final class VertxTimeSource implements TimeSource {

  private final Vertx vertx;
  private final Map<EventLoop, TimerWheel> wheels = new ConcurrentHashMap<>();

  VertxTimeSource(Vertx vertx) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public Timer timer(long delayNanos, Runnable task) {
    Armed armed = new Armed((ContextInternal) vertx.getOrCreateContext(), task);
    armed.start(Math.max(0, Math.min(delayNanos, Nanos.MOST)));
    return armed;
  }

  @Override
  public void arm(Alarm alarm, long delayNanos) {
    armAt(alarm, nanoTime() + Math.max(0, Math.min(delayNanos, Nanos.MOST)));
  }

  /**
   * On an event loop its wheel has the alarm; a worker is no one thread that a wheel could have.
   */
  @Override
  public void armAt(Alarm alarm, long atNanos) {
    ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
    if (context.isEventLoopContext() && context.inThread()) {
      alarm.requireIdle();
      alarm.context = context;
      wheel(context.nettyEventLoop()).addAt(alarm, atNanos);
    } else {
      TimeSource.super.arm(alarm, atNanos - nanoTime());
    }
  }

  /** Runs {@code task} as {@code context}, of which this thread is the event loop. */
  static void dispatch(Context context, Runnable task) {
    ((ContextInternal) context).dispatch(task);
  }

  private TimerWheel wheel(EventLoop loop) {
    TimerWheel known = wheels.get(loop);
    return known != null ? known : wheels.computeIfAbsent(loop, this::newWheel);
  }

  private TimerWheel newWheel(EventLoop loop) {
    return new TimerWheel(
        this::nanoTime,
        (delay, task) -> {
          ScheduledFuture<?> scheduled = loop.schedule(task, delay, TimeUnit.NANOSECONDS);
          return () -> scheduled.cancel(false);
        });
  }

  /** Equal whatever the {@code Vertx}: all of them read the one clock of the machine. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VertxTimeSource;
  }

  @Override
  public int hashCode() {
    return VertxTimeSource.class.hashCode();
  }

  @Override
  public String toString() {
    return "TimeSource.of(vertx)";
  }

  /** A timer; all but its start belongs to the context that armed it. */
  private static final class Armed implements Timer {

    private final ContextInternal context;
    private final Runnable task;
    private @Nullable ScheduledFuture<?> scheduled;
    private boolean over;

    Armed(ContextInternal context, Runnable task) {
      this.context = context;
      this.task = task;
    }

    void start(long nanos) {
      scheduled =
          context
              .nettyEventLoop()
              .schedule(() -> context.emit(due -> fire()), nanos, TimeUnit.NANOSECONDS);
    }

    private void fire() {
      if (!over) {
        over = true;
        task.run();
      }
    }

    @Override
    public boolean cancel() {
      if (over) {
        return false;
      }
      over = true;
      if (scheduled != null) {
        scheduled.cancel(false);
      }
      return true;
    }
  }
}
