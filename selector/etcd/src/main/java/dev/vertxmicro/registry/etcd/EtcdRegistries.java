// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes registries by the name {@code etcd}; their options are those of {@link EtcdOptions}. */
public final class EtcdRegistries implements RegistryProvider {

  /** Makes the provider. */
  public EtcdRegistries() {}

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public Registry create(Vertx vertx, JsonObject options) {
    return EtcdRegistry.create(vertx, new EtcdOptions(options));
  }
}
