// SPDX-License-Identifier: Apache-2.0

/** The command line: looks services up, calls them, and publishes to them. */
module dev.vertxmicro.cli {
  requires dev.vertxmicro.runtime;
  requires dev.vertxmicro.broker.http;
  requires dev.vertxmicro.broker.nats;
  requires dev.vertxmicro.broker.rabbitmq;
  requires dev.vertxmicro.selector.consul;
  requires dev.vertxmicro.selector.etcd;
  requires dev.vertxmicro.selector.mdns;
  requires dev.vertxmicro.selector.nats;
  requires static transitive org.jspecify;
  requires java.logging;
  requires com.google.protobuf;
  requires com.google.protobuf.util;
  requires info.picocli;
  requires HdrHistogram;
  requires static io.vertx.codegen.api;
  requires static io.vertx.codegen.json;

  uses dev.vertxmicro.broker.BrokerProvider;
  uses dev.vertxmicro.registry.RegistryProvider;

  opens dev.vertxmicro.cli to
      info.picocli;
}
