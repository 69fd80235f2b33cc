// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Handler;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A watch on a {@link MemoryStore}, which delivers under its lock. It stands from the start. The
 * siblings are what the view closes when it is closed.
 */
final class MemoryWatch extends HandlerWatch {

  private final MemoryStore store;
  private final String service;
  private final Set<MemoryWatch> siblings;

  MemoryWatch(
      MemoryStore store,
      String service,
      Handler<RegistryEvent> handler,
      Executor executor,
      Set<MemoryWatch> siblings) {
    super(handler, executor);
    this.store = store;
    this.service = service;
    this.siblings = siblings;
    stand();
  }

  String service() {
    return service;
  }

  @Override
  public void close() {
    super.close();
    siblings.remove(this);
    store.unwatch(this);
  }
}
