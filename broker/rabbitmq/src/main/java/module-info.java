// SPDX-License-Identifier: Apache-2.0

/** A broker on RabbitMQ. */
module dev.vertxmicro.broker.rabbitmq {
  requires transitive dev.vertxmicro.broker;
  requires static transitive org.jspecify;
  requires com.rabbitmq.client;
  // What amqp-client, which is no module of its own making, cannot say that it requires.
  requires org.slf4j;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.broker.rabbitmq;

  provides dev.vertxmicro.broker.BrokerProvider with
      dev.vertxmicro.broker.rabbitmq.RabbitBrokers;
}
