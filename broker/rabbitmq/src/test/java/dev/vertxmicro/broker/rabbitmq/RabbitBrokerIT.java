// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerContract;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Vertx;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** As go-micro has it by default: nothing outlives the server. */
class RabbitBrokerIT extends BrokerContract {

  private static RabbitServer server;

  @BeforeAll
  static void startServer() {
    server = RabbitServer.shared();
  }

  @Override
  protected Broker open(Vertx vertx) {
    return RabbitBroker.create(vertx, Raw.options(server));
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    Raw.use(server, channel -> sendGarbage(channel, "micro", topic));
    return true;
  }

  /** Nearly everything is an event on RabbitMQ; a compressed frame of gRPC is not. */
  static void sendGarbage(Channel channel, String exchange, String topic) throws Exception {
    BasicProperties framed =
        new BasicProperties.Builder()
            .headers(Map.of("Content-Type", "application/grpc+proto"))
            .build();
    channel.confirmSelect();
    channel.basicPublish(exchange, topic, framed, new byte[] {1, 0, 0, 0, 1, 7});
    channel.waitForConfirmsOrDie(20_000);
  }
}
