// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Handler;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One watch on a {@link PeerDirectory}. */
final class PeerWatch extends HandlerWatch {

  private final PeerRegistry registry;
  private final String service;

  // Touched at home only.
  private @Nullable PeerDirectory directory;

  PeerWatch(
      PeerRegistry registry, String service, Handler<RegistryEvent> handler, Executor executor) {
    super(handler, executor);
    this.registry = registry;
    this.service = service;
  }

  String service() {
    return service;
  }

  void open(PeerDirectory opened) {
    if (!isClosed()) {
      directory = opened;
      opened.watch(this);
    }
  }

  @Override
  public void close() {
    super.close();
    registry.run(
        () -> {
          PeerDirectory left = directory;
          directory = null;
          if (left != null) {
            left.unwatch(this);
          }
          fail(registry.closedFailure());
        },
        () -> fail(registry.closedFailure()));
  }

  @Override
  public String toString() {
    return "watch on service " + service;
  }
}
