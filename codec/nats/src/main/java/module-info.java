// SPDX-License-Identifier: Apache-2.0

/** Connections to NATS, for the modules of the broker and the registry that stand on it. */
module dev.vertxmicro.nats {
  requires transitive dev.vertxmicro.codec;
  requires transitive io.nats.jnats;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.nats;
}
