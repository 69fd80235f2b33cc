// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The one event loop on which all of a registry happens, its clock and its randomness.
 *
 * <p>It is a context of its own: connections and timers outlive the verticle that made the
 * registry, and remember nobody's locals. Public API makes no such context; this is the one class
 * of the module that uses Vert.x' internal (but exported) API.
 */
final class Home {

  private final Executor executor;
  private final TimeSource time;
  private final RandomGenerator random;

  private Home(Executor executor, TimeSource time, RandomGenerator random) {
    this.executor = executor;
    this.time = time;
    this.random = random;
  }

  /** Returns a home on the event loop of the caller's context. */
  static Home of(Vertx vertx, TimeSource time) {
    VertxInternal internal = (VertxInternal) vertx;
    ContextInternal context =
        internal
            .contextBuilder()
            .withEventLoop(internal.getOrCreateContext().nettyEventLoop())
            .build();
    Executor executor =
        task -> {
          if (context.isRunningOnContext()) {
            task.run();
          } else {
            context.runOnContext(hop -> task.run());
          }
        };
    return new Home(executor, time, new SplittableRandom());
  }

  /** Returns a home that does everything at once on the thread that asks. */
  static Home immediate(TimeSource time) {
    return new Home(Runnable::run, time, new SplittableRandom(1));
  }

  /**
   * Runs {@code task} here: now if this is the place, else soon.
   *
   * @return false if that cannot be, because Vert.x is closed
   */
  boolean execute(Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException vertxClosed) {
      return false;
    }
  }

  /**
   * Runs what {@code task} starts here; the answer is given on the context of the caller. Fails if
   * Vert.x is closed.
   */
  <T> Future<T> call(Supplier<Future<T>> task) {
    Context caller = Vertx.currentContext();
    Promise<T> promise = caller == null ? Promise.promise() : ((ContextInternal) caller).promise();
    return execute(() -> task.get().onComplete(promise))
        ? promise.future()
        : Future.failedFuture(Failures.closed());
  }

  /** Runs {@code task} here after a delay. Called here. */
  Timer timer(long nanos, Runnable task) {
    return time.timer(nanos, () -> execute(task));
  }

  long nanoTime() {
    return time.nanoTime();
  }

  /** Returns {@code nanos}, of which up to a half is taken off at random. */
  long jittered(long nanos) {
    return (long) (nanos * random.nextDouble(0.5, 1));
  }

  int draw(int bound) {
    return random.nextInt(bound);
  }
}
