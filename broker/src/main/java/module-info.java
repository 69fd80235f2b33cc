// SPDX-License-Identifier: Apache-2.0

/** Publish and subscribe: what a broker is, and one in memory. */
module dev.vertxmicro.broker {
  requires transitive dev.vertxmicro.codec;
  requires transitive io.vertx.core;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API and SPI
  exports dev.vertxmicro.broker;
}
