// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerContract;
import dev.vertxmicro.peers.NatsServer;
import io.vertx.core.Vertx;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** JetStream. */
class JetStreamBrokerIT extends BrokerContract {

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
    JetStreamOptions stream =
        new JetStreamOptions().setSubjects(List.of("contract.>", "another", "another.>"));
    return NatsBroker.create(
        vertx, new NatsBrokerOptions().setServers(List.of(server.url())).setJetStream(stream));
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    NatsBrokerIT.sendGarbage(server, topic);
    return true;
  }
}
