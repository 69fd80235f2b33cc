// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A watch on a {@link MemoryStore}. It stands from the start. The siblings are what the view closes
 * when it is closed.
 */
final class MemoryWatch implements Watch {

  private final MemoryStore store;
  private final String service;
  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Set<MemoryWatch> siblings;
  private volatile boolean closed;

  MemoryWatch(
      MemoryStore store,
      String service,
      Handler<RegistryEvent> handler,
      Executor executor,
      Set<MemoryWatch> siblings) {
    this.store = store;
    this.service = service;
    this.handler = handler;
    this.executor = executor;
    this.siblings = siblings;
  }

  String service() {
    return service;
  }

  /** Called by the store, under its lock, which gives the order. */
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
    return Future.succeededFuture();
  }

  @Override
  public void close() {
    closed = true;
    siblings.remove(this);
    store.unwatch(this);
  }
}
