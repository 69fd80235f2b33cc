// SPDX-License-Identifier: Apache-2.0

/** The HTTP broker of go-micro. */
module dev.vertxmicro.broker.http {
  requires transitive dev.vertxmicro.broker;
  requires transitive dev.vertxmicro.selector;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.broker.http;

  provides dev.vertxmicro.broker.BrokerProvider with
      dev.vertxmicro.broker.http.HttpBrokers;

  uses dev.vertxmicro.registry.RegistryProvider;
}
