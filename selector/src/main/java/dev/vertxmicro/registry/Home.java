// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/**
 * Where a registry does its work, one thing at a time: a context of its own on the event loop that
 * makes it. It lives as long as the Vert.x instance, whatever becomes of the verticle that made it:
 * a worker's context refuses tasks once its verticle is undeployed. Public API makes no such
 * context; this and {@link NettyDnsQueries} are the places of the module that use Vert.x' internal
 * (but exported) API.
 *
 * <p>For registries that are built on this.
 */
public interface Home extends Executor {

  /** Does everything at once on the thread that asks, blocking work too. */
  Home IMMEDIATE =
      new Home() {
        @Override
        public void execute(Runnable task) {
          task.run();
        }

        @Override
        public <T> Future<T> blocking(Callable<T> work) {
          try {
            return Future.succeededFuture(work.call());
          } catch (Exception failed) {
            return Future.failedFuture(failed);
          }
        }
      };

  /**
   * Runs {@code task}, now if this thread is that event loop, else soon.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the Vert.x instance has ended
   */
  @Override
  void execute(Runnable task);

  /** Runs {@code work} on a worker thread; the future completes at home. */
  <T> Future<T> blocking(Callable<T> work);

  /** Returns a home on the event loop of the caller. */
  static Home of(Vertx vertx) {
    VertxInternal internal = (VertxInternal) vertx;
    ContextInternal context =
        internal
            .contextBuilder()
            .withEventLoop(internal.getOrCreateContext().nettyEventLoop())
            .build();
    return new Home() {
      @Override
      public void execute(Runnable task) {
        if (context.inThread()) {
          context.dispatch(task);
        } else {
          context.runOnContext(hop -> task.run());
        }
      }

      @Override
      public <T> Future<T> blocking(Callable<T> work) {
        return context.executeBlocking(work, false);
      }
    };
  }
}
