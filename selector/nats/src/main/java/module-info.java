// SPDX-License-Identifier: Apache-2.0

/** A registry over NATS, shared with go-micro. */
module dev.vertxmicro.selector.nats {
  requires transitive dev.vertxmicro.nats;
  requires transitive dev.vertxmicro.selector;
  requires com.fasterxml.jackson.core;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.registry.nats;

  provides dev.vertxmicro.registry.RegistryProvider with
      dev.vertxmicro.registry.nats.NatsRegistries;
}
