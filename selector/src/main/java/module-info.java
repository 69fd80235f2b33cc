// SPDX-License-Identifier: Apache-2.0

/** Services and their nodes, registries, and the choice of a node for an attempt. */
module dev.vertxmicro.selector {
  requires transitive dev.vertxmicro.codec;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.codec.dns;
  requires io.netty.common;
  requires io.netty.resolver.dns;
  requires io.netty.transport;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.registry;
  exports dev.vertxmicro.selector;

  uses dev.vertxmicro.registry.RegistryProvider;
}
