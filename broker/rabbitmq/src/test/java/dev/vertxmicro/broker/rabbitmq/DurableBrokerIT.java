// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerContract;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Vertx;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Everything durable. */
class DurableBrokerIT extends BrokerContract {

  private static RabbitServer server;

  private String exchange;

  @BeforeAll
  static void startServer() {
    server = RabbitServer.shared();
  }

  /** Groups outlive a test, and would bring events of it into the next. */
  @BeforeEach
  void nameExchange() {
    exchange = "contract-" + UUID.randomUUID();
  }

  @Override
  protected Broker open(Vertx vertx) {
    return RabbitBroker.create(
        vertx, Raw.durable(server).setExchange(exchange).setQueuePerTopic(true));
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    Raw.use(server, channel -> RabbitBrokerIT.sendGarbage(channel, exchange, topic));
    return true;
  }
}
