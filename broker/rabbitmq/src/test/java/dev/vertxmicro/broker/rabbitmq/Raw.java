// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.vertxmicro.peers.RabbitServer;
import java.util.List;

/** The server as amqp-client has it, past any broker. */
final class Raw {

  /** What a test does with a channel. */
  @FunctionalInterface
  interface Use {
    void with(Channel channel) throws Exception;
  }

  private Raw() {}

  static RabbitBrokerOptions options(RabbitServer server) {
    return new RabbitBrokerOptions().setServers(List.of("amqp://" + server.address()));
  }

  /** Nothing that was confirmed is lost with the server. */
  static RabbitBrokerOptions durable(RabbitServer server) {
    return options(server)
        .setExchange("durable")
        .setDurableExchange(true)
        .setDurableQueues(true)
        .setPersistent(true);
  }

  static Connection connect(RabbitServer server) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(server.port());
    return factory.newConnection();
  }

  static void use(RabbitServer server, Use use) {
    try (Connection connection = connect(server);
        Channel channel = connection.createChannel()) {
      use.with(channel);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
