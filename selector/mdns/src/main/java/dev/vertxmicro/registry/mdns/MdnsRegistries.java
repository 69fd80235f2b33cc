// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes registries over multicast DNS: {@code "mdns"}, with {@link MdnsOptions}. */
public final class MdnsRegistries implements RegistryProvider {

  /** Makes the provider. */
  public MdnsRegistries() {}

  @Override
  public String name() {
    return "mdns";
  }

  @Override
  public Registry create(Vertx vertx, JsonObject options) {
    return MdnsRegistry.create(vertx, new MdnsOptions(options));
  }
}
