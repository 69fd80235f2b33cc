// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerContract;
import dev.vertxmicro.peers.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Core NATS. */
class NatsBrokerIT extends BrokerContract {

  private static NatsServer server;

  @BeforeAll
  static void startServer() {
    server = NatsServer.start();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  protected Broker open(Vertx vertx) {
    return NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    sendGarbage(server, topic);
    return true;
  }

  static void sendGarbage(NatsServer server, String topic) {
    try {
      Connection raw = Nats.connect(server.url());
      try {
        raw.publish(topic, new byte[] {1, 2, 3});
        raw.flush(Duration.ofSeconds(20));
      } finally {
        raw.close();
      }
    } catch (IOException | InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
