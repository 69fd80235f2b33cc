// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One timer for the deadlines of many publishes, armed for the earliest. For those who write a
 * broker, who call all but {@link #close} while they hold the lock that guards the publishes.
 */
public final class DeadlineTimer {

  private final Context context;
  private final TimeSource time;
  private final Runnable handler;

  // Guarded by the lock of the owner.
  private boolean armed;
  private long armedFor;

  // Touched on the context only.
  private @Nullable Timer timer;

  /**
   * Makes one that is not armed.
   *
   * @param context where timers are armed and the handler is called
   * @param handler what a deadline has come for: it takes the lock, calls {@link #expired}, ends
   *     what is late, and calls {@link #watch} with the earliest deadline of the rest
   */
  public DeadlineTimer(Context context, TimeSource time, Runnable handler) {
    this.context = context;
    this.time = time;
    this.handler = handler;
  }

  /** Sees to it that the handler is called at that time of the time source, or before. */
  public void watch(long deadlineNanos) {
    if (!armed || deadlineNanos - armedFor < 0) {
      armed = true;
      armedFor = deadlineNanos;
      onContext(() -> arm(deadlineNanos));
    }
  }

  /** Says that the handler has been called. */
  public void expired() {
    armed = false;
  }

  /** Disarms it. */
  public void close() {
    onContext(this::disarm);
  }

  private void arm(long deadlineNanos) {
    disarm();
    timer = time.timer(deadlineNanos - time.nanoTime(), handler);
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void onContext(Runnable task) {
    try {
      context.runOnContext(run -> task.run());
    } catch (RejectedExecutionException ended) {
      // The timers of a Vert.x instance end with it.
      System.getLogger(DeadlineTimer.class.getName())
          .log(System.Logger.Level.DEBUG, "no timer for publishes: Vert.x has ended");
    }
  }
}
