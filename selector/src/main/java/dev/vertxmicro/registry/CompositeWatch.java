// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A watch on a {@link CompositeService}. */
final class CompositeWatch implements Watch {

  private final CompositeRegistry registry;
  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Promise<Void> ready = Promise.promise();
  private volatile boolean closed;

  // Touched at the home of the registry only.
  private @Nullable CompositeService service;

  CompositeWatch(CompositeRegistry registry, Handler<RegistryEvent> handler, Executor executor) {
    this.registry = registry;
    this.handler = handler;
    this.executor = executor;
  }

  void open(CompositeService opened) {
    if (!closed) {
      service = opened;
      ready(opened.watch(this));
    }
  }

  void ready(Future<Void> standing) {
    standing.onComplete(
        result -> {
          if (result.succeeded()) {
            ready.tryComplete();
          } else {
            ready.tryFail(result.cause());
          }
        });
  }

  void deliver(RegistryEvent event) {
    executor.execute(
        () -> {
          if (!closed) {
            handler.handle(event);
          }
        });
  }

  @Override
  public Future<Void> ready() {
    return ready.future();
  }

  @Override
  public void close() {
    closed = true;
    registry.runAtHome(
        () -> {
          if (service != null) {
            service.unwatch(this);
          }
        });
  }
}
