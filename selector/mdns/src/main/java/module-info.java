// SPDX-License-Identifier: Apache-2.0

/** A registry over multicast DNS, shared with go-micro. */
module dev.vertxmicro.selector.mdns {
  requires transitive dev.vertxmicro.selector;
  requires com.fasterxml.jackson.core;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.registry.mdns;

  provides dev.vertxmicro.registry.RegistryProvider with
      dev.vertxmicro.registry.mdns.MdnsRegistries;
}
