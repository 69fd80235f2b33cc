// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Handler;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A watch on a {@link DnsName}. It stands once there is an answer to compare others with. */
final class DnsWatch extends HandlerWatch {

  private final DnsRegistry registry;
  private final String service;

  // Touched at the home of the registry only.
  private @Nullable DnsName name;

  DnsWatch(
      DnsRegistry registry, String service, Handler<RegistryEvent> handler, Executor executor) {
    super(handler, executor);
    this.registry = registry;
    this.service = service;
  }

  String service() {
    return service;
  }

  void open(DnsName opened) {
    if (!isClosed()) {
      name = opened;
      opened.watch(this);
    }
  }

  @Override
  public void close() {
    super.close();
    registry.atHome(
        () -> {
          if (name != null) {
            name.unwatch(this);
          }
        });
  }
}
