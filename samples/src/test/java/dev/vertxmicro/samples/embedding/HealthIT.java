// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Connectivity;
import dev.vertxmicro.broker.nats.NatsBroker;
import dev.vertxmicro.broker.nats.NatsBrokerOptions;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import dev.vertxmicro.runtime.ClientHealth;
import dev.vertxmicro.runtime.ClientHealth.Reach;
import dev.vertxmicro.runtime.Publication;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.health.RpcHealthChecks;
import dev.vertxmicro.samples.stubs.Shelves;
import dev.vertxmicro.samples.stubs.WarehouseVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client says of its health while a real Consul and a real NATS die and come back. */
@Timeout(120)
class HealthIT {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }

  /** Asks again until it is so: that a server died is noticed a little later. */
  private static ClientHealth awaitHealth(RpcClient client, Predicate<ClientHealth> wanted)
      throws Exception {
    ClientHealth health;
    do {
      health = await(client.health("warehouse"));
    } while (!wanted.test(health));
    return health;
  }

  @Test
  void callsGoOnAndTheRegistryIsReportedWhileConsulIsDead() throws Exception {
    try (ConsulServer consul = ConsulServer.durable()) {
      ConsulRegistry registry =
          ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
      String node = await(vertx.deployVerticle(new WarehouseVerticle(registry, new Shelves())));
      RpcClient client = RpcClient.builder(vertx).withRegistry(registry).build();
      // tag::checks[]
      HealthChecks checks = HealthChecks.create(vertx);
      checks.register("ready", 6_000, RpcHealthChecks.calls(client, "warehouse"));
      checks.register("rpc", 6_000, RpcHealthChecks.all(client, "warehouse"));
      // end::checks[]

      assertTrue(awaitHealth(client, ClientHealth::isHealthy).isHealthy());
      assertTrue(await(checks.checkStatus("rpc")).getUp());

      consul.kill();

      ClientHealth dead = awaitHealth(client, health -> health.registry() != Reach.REACHABLE);
      assertEquals(Reach.UNREACHABLE, dead.registry());
      assertEquals(1, dead.services().get(0).healthyNodes());
      assertFalse(dead.isHealthy());
      assertTrue(await(checks.checkStatus("ready")).getUp());
      CheckResult all = await(checks.checkStatus("rpc"));
      assertFalse(all.getUp());
      assertEquals("UNREACHABLE", all.getData().getString("registry"));

      consul.restart();

      assertTrue(awaitHealth(client, ClientHealth::isHealthy).isHealthy());
      await(client.close());
      await(vertx.undeploy(node));
    }
  }

  @Test
  void aBrokerThatLostItsServerSaysSo() throws Exception {
    try (NatsServer nats = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(nats.url())));
      RpcClient client = RpcClient.builder(vertx).withBroker(broker).build();
      assertEquals(Connectivity.NEW, await(client.health()).broker());
      await(client.publish(Publication.of("topic", "text")));
      assertEquals(Connectivity.CONNECTED, await(client.health()).broker());

      nats.process().kill();

      ClientHealth lost = awaitHealth(client, health -> health.broker() != Connectivity.CONNECTED);
      assertEquals(Connectivity.DISCONNECTED, lost.broker());
      assertFalse(lost.isHealthy());
      await(broker.close());
    }
  }
}
