// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.vertx.core.Context;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What other threads want done on an event loop: done in the order in which it came, by one task of
 * the loop for all that has come until then, so that a burst of calls costs the loop one task, and
 * their frames leave together. After {@value #MOST_AT_ONCE} the loop turns to its sockets before it
 * goes on.
 *
 * <p>How many wait is bounded by those who add: each is one call or its cancel, and calls are
 * bounded by their client.
 */
public final class Arrivals {

  static final int MOST_AT_ONCE = 256;

  private final Context loop;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean armed = new AtomicBoolean();

  /**
   * Starts empty.
   *
   * @param loop runs what is added
   */
  public Arrivals(Context loop) {
    this.loop = loop;
  }

  /**
   * Adds a task that is to run soon; from any thread.
   *
   * @throws RejectedExecutionException if the Vert.x instance has ended
   */
  public void add(Runnable task) {
    waiting.add(task);
    try {
      arm();
    } catch (RejectedExecutionException ended) {
      waiting.remove(task);
      throw ended;
    }
  }

  /** Stays disarmed if the Vert.x instance has ended, so that the next to add is told as well. */
  private void arm() {
    if (armed.compareAndSet(false, true)) {
      try {
        loop.runOnContext(v -> takeIn());
      } catch (RejectedExecutionException ended) {
        armed.set(false);
        throw ended;
      }
    }
  }

  /** Disarms first: what is added from here on is taken in now, or arms the next task. */
  private void takeIn() {
    armed.set(false);
    try {
      for (int i = 0; i < MOST_AT_ONCE; i++) {
        @Nullable Runnable task = waiting.poll();
        if (task == null) {
          return;
        }
        task.run();
      }
    } finally {
      if (!waiting.isEmpty()) {
        arm();
      }
    }
  }
}
