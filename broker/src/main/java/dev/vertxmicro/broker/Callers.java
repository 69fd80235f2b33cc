// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The contexts of those who call a broker. For those who write one. */
public final class Callers {

  private Callers() {}

  /**
   * Returns what runs tasks on the context of the caller, a new one if there is none. It throws
   * {@link RejectedExecutionException} once the Vert.x instance has ended.
   */
  public static Executor contextOf(Vertx vertx) {
    Context context = vertx.getOrCreateContext();
    return task -> context.runOnContext(run -> task.run());
  }

  /**
   * Returns a future that completes on the context of the caller when {@code future}, which may
   * complete anywhere, does. Where the Vert.x instance has ended meanwhile there is no such context
   * any more: it then completes where {@code future} does.
   */
  public static <T> Future<T> onCaller(Vertx vertx, Future<T> future) {
    Promise<T> promise = Promise.promise();
    Executor caller = contextOf(vertx);
    future.onComplete(
        done -> {
          try {
            caller.execute(() -> future.onComplete(promise));
          } catch (RejectedExecutionException ended) {
            future.onComplete(promise);
          }
        });
    return promise.future();
  }
}
