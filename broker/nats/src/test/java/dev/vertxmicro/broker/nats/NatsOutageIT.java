// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.OutageRun;
import dev.vertxmicro.peers.NatsServer;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that is killed with {@code kill -9} and started again while publishes are under way. */
class NatsOutageIT {

  private final Vertx vertx = Vertx.vertx();
  private final NatsServer server = NatsServer.start();

  @AfterEach
  void stop() {
    vertx.close().await();
    server.close();
  }

  @Test
  void jetStreamLosesNothingThatWasConfirmed() throws Exception {
    jetStream(10_000).losesNothingThatWasConfirmed();
  }

  @Test
  @Tag("soak")
  void jetStreamLosesNothingThatWasConfirmedForLong() throws Exception {
    jetStream(100_000).losesNothingThatWasConfirmed();
  }

  @Test
  void coreNatsGoesOnAndDoublesNothing() throws Exception {
    run(10_000, 20_000, options()).goesOnAndDoublesNothing();
  }

  private OutageRun jetStream(int events) {
    JetStreamOptions stream =
        new JetStreamOptions().setSubjects(List.of("orders.>")).setAckWait(Duration.ofSeconds(2));
    return run(events, 1_000, options().setJetStream(stream));
  }

  private NatsBrokerOptions options() {
    return new NatsBrokerOptions().setServers(List.of(server.url()));
  }

  private OutageRun run(int events, int prefetch, NatsBrokerOptions options) {
    return new OutageRun(
        vertx,
        events,
        prefetch,
        () -> NatsBroker.create(vertx, options),
        () -> {
          server.process().kill();
          server.process().restart();
        });
  }
}
