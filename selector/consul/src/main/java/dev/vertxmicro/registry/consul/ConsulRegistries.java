// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes {@link ConsulRegistry}, by the name {@code consul}. */
public final class ConsulRegistries implements RegistryProvider {

  /** Makes the provider. */
  public ConsulRegistries() {}

  @Override
  public String name() {
    return "consul";
  }

  /**
   * {@inheritDoc}
   *
   * @param options see {@link ConsulOptions}
   * @throws IllegalArgumentException if an option is out of its range or of a wrong type
   */
  @Override
  public Registry create(Vertx vertx, JsonObject options) {
    return ConsulRegistry.create(vertx, new ConsulOptions(options));
  }
}
