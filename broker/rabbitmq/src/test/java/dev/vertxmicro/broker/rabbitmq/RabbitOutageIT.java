// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import dev.vertxmicro.broker.OutageRun;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that is killed with {@code kill -9} and started again while publishes are under way. */
class RabbitOutageIT {

  private final Vertx vertx = Vertx.vertx();
  private final RabbitServer server = RabbitServer.start();

  @AfterEach
  void stop() {
    vertx.close().await();
    server.close();
  }

  @Test
  void durableQueuesLoseNothingThatWasConfirmed() throws Exception {
    run(10_000, 1_000, Raw.durable(server)).losesNothingThatWasConfirmed();
  }

  @Test
  @Tag("soak")
  void durableQueuesLoseNothingThatWasConfirmedForLong() throws Exception {
    run(100_000, 1_000, Raw.durable(server)).losesNothingThatWasConfirmed();
  }

  @Test
  @Tag("soak")
  void quorumQueuesLoseNothingThatWasConfirmed() throws Exception {
    RabbitBrokerOptions quorum =
        Raw.durable(server).setQueueArguments(new JsonObject().put("x-queue-type", "quorum"));
    run(100_000, 1_000, quorum).losesNothingThatWasConfirmed();
  }

  /** With mandatory publishes, so that none counts as taken while the subscriber is not back. */
  @Test
  void transientQueuesGoOnAndDoubleNothing() throws Exception {
    run(10_000, 20_000, Raw.options(server).setMandatory(true)).goesOnAndDoublesNothing();
  }

  private OutageRun run(int events, int prefetch, RabbitBrokerOptions options) {
    return new OutageRun(
        vertx,
        events,
        prefetch,
        () -> RabbitBroker.create(vertx, options),
        () -> {
          server.kill();
          server.restart();
        });
  }
}
