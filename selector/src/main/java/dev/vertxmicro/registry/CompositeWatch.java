// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Handler;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A watch on a {@link CompositeService}. */
final class CompositeWatch extends HandlerWatch {

  private final CompositeRegistry registry;

  // Touched at the home of the registry only.
  private @Nullable CompositeService service;

  CompositeWatch(CompositeRegistry registry, Handler<RegistryEvent> handler, Executor executor) {
    super(handler, executor);
    this.registry = registry;
  }

  void open(CompositeService opened) {
    if (!isClosed()) {
      service = opened;
      standAfter(opened.watch(this));
    }
  }

  @Override
  public void close() {
    super.close();
    registry.runAtHome(
        () -> {
          if (service != null) {
            service.unwatch(this);
          }
        });
  }
}
