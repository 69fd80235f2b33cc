// SPDX-License-Identifier: Apache-2.0

/** A broker on NATS. */
module dev.vertxmicro.broker.nats {
  requires transitive dev.vertxmicro.broker;
  requires transitive dev.vertxmicro.nats;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.core;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.broker.nats;

  provides dev.vertxmicro.broker.BrokerProvider with
      dev.vertxmicro.broker.nats.NatsBrokers;
}
