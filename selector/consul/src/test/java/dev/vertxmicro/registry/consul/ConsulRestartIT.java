// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static dev.vertxmicro.registry.consul.Seen.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real Consul is killed and comes back, with its state and without; and agents of a cluster. */
class ConsulRestartIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(1));

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private ConsulRegistry registry(String... addresses) {
    return ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(addresses)));
  }

  private static Registration register(ConsulRegistry registry, String id) {
    return await(
        registry.register(
            Service.builder("greeter").node(Node.of(id, "127.0.0.1:1")).build(), LIVING));
  }

  @Test
  void aRestartWithItsStateDeletesNothingAndWhatFollowsIsSeen() {
    try (ConsulServer consul = ConsulServer.durable()) {
      ConsulRegistry registry = registry(consul.address());
      Seen seen = new Seen(registry, "greeter");
      Registration a = register(registry, "a");
      register(registry, "b");
      seen.awaitNodes("a", "b");

      consul.kill();
      RpcException down = assertThrows(RpcException.class, () -> await(registry.get("greeter")));
      assertEquals(503, down.code());
      consul.restart();

      Seen.until(() -> isFound(registry, "a", "b"), "a and b are found again");
      register(registry, "c");
      seen.awaitNodes("a", "b", "c");
      assertEquals(0, seen.deletes());

      await(a.close());
      seen.awaitNodes("b", "c");
      await(registry.close());
    }
  }

  @Test
  void aRestartWithoutItsStateDeletesNothingAndTheNodesComeBack() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      ConsulRegistry registry = registry(consul.address());
      ConsulRegistry other = registry(consul.address());
      Seen seen = new Seen(other, "greeter");
      Registration a = register(registry, "a");
      ConsulRegistry dies = registry(consul.address());
      register(dies, "gone");
      seen.awaitNodes("a", "gone");

      consul.kill();
      await(dies.close());
      consul.restart();

      Seen.until(() -> isFound(other, "a"), "a is found again");
      register(registry, "c");
      seen.awaitNodes("a", "gone", "c");
      assertEquals(0, seen.deletes());

      await(a.close());
      seen.awaitNodes("gone", "c");
      await(registry.close());
      await(other.close());
    }
  }

  @Test
  void anAgentThatDiesIsReplacedByTheNext() {
    try (ConsulServer server = ConsulServer.durable();
        ConsulServer agent = ConsulServer.agentOf(server)) {
      ConsulRegistry registry = registry(agent.address(), server.address());
      ConsulRegistry other = registry(server.address());
      Seen seen = new Seen(other, "greeter");
      Seen moved = new Seen(registry, "greeter");
      Registration a = register(registry, "a");
      seen.awaitNodes("a");
      moved.awaitNodes("a");

      agent.kill();
      assertEquals(Set.of("a"), Seen.ids(await(registry.get("greeter"))));
      Seen.until(
          () -> server.get("/v1/agent/services").contains("\"a\""), "a is on the other agent");
      register(registry, "b");
      moved.awaitNodes("a", "b");
      seen.awaitNodes("a", "b");
      assertEquals(0, seen.deletes());
      assertEquals(0, moved.deletes());

      await(a.close());
      Seen.until(
          () -> !server.get("/v1/agent/services").contains("\"a\""), "a is on no agent that lives");
      await(registry.close());
      await(other.close());
    }
  }

  private static boolean isFound(ConsulRegistry registry, String... ids) {
    try {
      return Seen.ids(await(registry.get("greeter"))).equals(Set.of(ids));
    } catch (RpcException notYet) {
      assertEquals(503, notYet.code());
      return false;
    }
  }
}
