// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.Closeable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** The one place of this package that uses Vert.x' internal (but exported) API. */
final class Contexts {

  private Contexts() {}

  /** Returns a promise whose listeners run on {@code context}, errors in them reported to it. */
  static <T> Promise<T> promise(Context context) {
    return ((ContextInternal) context).promise();
  }

  /**
   * Tells whether this thread runs {@code context}. It is not enough that the context is current:
   * it also is on the worker thread of its {@code executeBlocking}.
   */
  static boolean isHere(Context context) {
    return ((ContextInternal) context).isRunningOnContext();
  }

  /**
   * Runs {@code task} on {@code context}: at once if this thread runs it.
   *
   * @return whether it runs or will run; false if the Vert.x instance has ended
   */
  static boolean run(Context context, Runnable task) {
    if (isHere(context)) {
      task.run();
      return true;
    }
    try {
      context.runOnContext(there -> task.run());
      return true;
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }

  /**
   * Has {@code task} run when {@code vertx} closes, before its event loops end.
   *
   * @return lets go of the task
   */
  static Runnable onClose(Vertx vertx, Runnable task) {
    Closeable hook =
        done -> {
          task.run();
          done.succeed();
        };
    CloseFuture hooks = ((VertxInternal) vertx).closeFuture();
    hooks.add(hook);
    return () -> hooks.remove(hook);
  }

  /** Hands what nobody waits for to the exception handler of {@code context}. */
  static void report(Context context, Throwable failure) {
    ((ContextInternal) context).reportException(failure);
  }

  /** Returns the context to run a call of {@code vertx} on: the caller's, or one made for it. */
  static Context of(Vertx vertx) {
    Context current = Vertx.currentContext();
    return current != null && current.owner() == vertx ? current : vertx.getOrCreateContext();
  }

  /** Brings the outcome of a future that may complete anywhere to {@code context}. */
  static <T> void on(
      Context context, Future<T> future, Consumer<? super T> success, Consumer<Throwable> failure) {
    future.onComplete(
        done -> {
          if (isHere(context)) {
            accept(future, success, failure);
          } else {
            context.runOnContext(here -> accept(future, success, failure));
          }
        });
  }

  private static <T> void accept(
      Future<T> future, Consumer<? super T> success, Consumer<Throwable> failure) {
    if (future.succeeded()) {
      success.accept(future.result());
    } else {
      failure.accept(future.cause());
    }
  }
}
