// SPDX-License-Identifier: Apache-2.0

/** A registry on Consul, shared with go-micro. */
module dev.vertxmicro.selector.consul {
  requires transitive dev.vertxmicro.selector;
  requires com.fasterxml.jackson.core;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.registry.consul;

  provides dev.vertxmicro.registry.RegistryProvider with
      dev.vertxmicro.registry.consul.ConsulRegistries;
}
