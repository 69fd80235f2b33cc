// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes registries over NATS: {@code "nats"}, with {@link NatsRegistryOptions}. */
public final class NatsRegistries implements RegistryProvider {

  /** Makes the provider. */
  public NatsRegistries() {}

  @Override
  public String name() {
    return "nats";
  }

  @Override
  public Registry create(Vertx vertx, JsonObject options) {
    return NatsRegistry.create(vertx, new NatsRegistryOptions(options));
  }
}
