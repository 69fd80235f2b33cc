// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The nodes of one call of {@link ConsulRegistry#register}. */
final class ConsulRegistration implements Registration {

  private final ConsulRegistry registry;
  private final Service service;
  private final List<KeptNode> nodes;

  // Touched on the home of the registry only.
  private @Nullable Future<Void> closing;

  ConsulRegistration(ConsulRegistry registry, Service service, List<KeptNode> nodes) {
    this.registry = registry;
    this.service = service;
    this.nodes = nodes;
  }

  @Override
  public Service service() {
    return service;
  }

  @Override
  public Future<Void> close() {
    Promise<Void> promise = Promise.promise();
    registry.run(
        () -> {
          Future<Void> now = closing;
          if (now == null) {
            now = Future.join(nodes.stream().map(registry::give).toList()).mapEmpty();
            closing = now;
          }
          now.onComplete(promise);
        });
    return promise.future();
  }
}
