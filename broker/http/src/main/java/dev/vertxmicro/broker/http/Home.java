// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.Executor;

/**
 * Where a broker does its work, one thing at a time: a context of its own on the event loop of who
 * makes it. It lives as long as the Vert.x instance, whatever becomes of the verticle that made it:
 * Vert.x would close the server with that verticle, and leave its subscriptions in the registry.
 * Public API makes no such context; this is the one place of the module that uses Vert.x' internal
 * (but exported) API.
 */
final class Home implements Executor {

  private final ContextInternal context;

  private Home(ContextInternal context) {
    this.context = context;
  }

  /** Returns a home on the event loop of the caller. */
  static Home of(Vertx vertx) {
    VertxInternal internal = (VertxInternal) vertx;
    return new Home(
        internal
            .contextBuilder()
            .withEventLoop(internal.getOrCreateContext().nettyEventLoop())
            .build());
  }

  /**
   * Runs {@code task}, now if this thread is that event loop, else soon.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the Vert.x instance has ended
   */
  @Override
  public void execute(Runnable task) {
    if (context.inThread()) {
      context.dispatch(task);
    } else {
      context.runOnContext(hop -> task.run());
    }
  }
}
