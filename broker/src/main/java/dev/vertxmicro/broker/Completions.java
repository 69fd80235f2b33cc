// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes that end while a broker holds its lock, and whose callers are told once it is free: on
 * the context of each, neighbours on one context in one task. Where the Vert.x instance has ended
 * there is no such context any more, and they are told where {@link #run} is called. For one thread
 * and those who write a broker.
 */
public final class Completions {

  private final List<Batch> batches = new ArrayList<>(1);

  /** Makes one without any. */
  public Completions() {}

  /**
   * A caller who waits.
   *
   * @param context where to tell it
   * @param promise what it waits for
   */
  public record Waiter(Context context, Promise<Void> promise) {

    /** Returns one for who calls now, on the context of this thread, or a new one without. */
    public static Waiter here(Vertx vertx) {
      return new Waiter(vertx.getOrCreateContext(), Promise.promise());
    }

    /** Returns what to give to the caller. */
    public Future<Void> future() {
      return promise.future();
    }
  }

  private record Batch(Context context, List<Runnable> tasks) {

    /** What a caller's handler throws keeps none of the others, and is thrown behind them. */
    static void run(List<Runnable> tasks) {
      Throwable thrown = null;
      for (Runnable task : tasks) {
        try {
          task.run();
        } catch (RuntimeException | Error failure) {
          if (thrown == null) {
            thrown = failure;
          } else if (thrown != failure) {
            thrown.addSuppressed(failure);
          }
        }
      }
      if (thrown instanceof Error error) {
        throw error;
      } else if (thrown instanceof RuntimeException failure) {
        throw failure;
      }
    }
  }

  /** Adds one whose publish has failed, or succeeded if there is no {@code failure}. */
  public void add(Waiter waiter, @Nullable Throwable failure) {
    Batch last = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    if (last == null || last.context != waiter.context) {
      last = new Batch(waiter.context, new ArrayList<>());
      batches.add(last);
    }
    Promise<Void> promise = waiter.promise;
    last.tasks.add(failure == null ? promise::tryComplete : () -> promise.tryFail(failure));
  }

  /** Tells the callers. Without the lock, once. */
  public void run() {
    List<Runnable> here = new ArrayList<>(0);
    for (Batch batch : batches) {
      try {
        batch.context.runOnContext(run -> Batch.run(batch.tasks));
      } catch (RejectedExecutionException ended) {
        here.addAll(batch.tasks);
      }
    }
    Batch.run(here);
  }
}
