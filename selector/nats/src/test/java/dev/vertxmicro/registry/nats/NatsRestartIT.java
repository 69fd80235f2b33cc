// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static dev.vertxmicro.registry.nats.Seen.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real NATS server is killed with {@code kill -9} and started again, and so are processes. */
class NatsRestartIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofMillis(500));

  private final Vertx vertx = Vertx.vertx();
  private final NatsServer server = NatsServer.start();

  @AfterEach
  void stop() {
    await(vertx.close());
    server.close();
  }

  private NatsRegistryOptions options() {
    return new NatsRegistryOptions()
        .setServers(List.of(server.url()))
        .setReconnectWait(Duration.ofMillis(100))
        .setProbeInterval(Duration.ofMillis(500))
        .setNodeTtl(Duration.ofSeconds(2));
  }

  private NatsRegistry registry() {
    return NatsRegistry.create(vertx, options());
  }

  private static Service greeter(String id) {
    return Service.builder("greeter").node(Node.of(id, "127.0.0.1:1")).build();
  }

  @Test
  void aRestartDeletesNothingAndAllIsAsItWas() {
    NatsRegistry owner = registry();
    NatsRegistry reader = registry();
    Seen seen = new Seen(reader, "greeter");
    await(owner.register(greeter("a"), LIVING));
    seen.awaitNodes("a");

    for (int i = 0; i < 3; i++) {
      server.process().kill();
      Seen.until(() -> !Seen.succeeds(reader.get("greeter")), "the connection is lost");
      RpcException down = assertThrows(RpcException.class, () -> await(reader.get("greeter")));
      assertEquals(503, down.code());
      assertEquals(Processed.NOT_SENT, down.processed());
      server.process().restart();
      Seen.until(
          () ->
              Seen.ids(await(reader.get("greeter").otherwise(List.<Service>of())))
                  .equals(Set.of("a")),
          "a is found again");
    }
    Seen.until(() -> Seen.succeeds(owner.register(greeter("b"), LIVING)), "b is registered");

    seen.awaitNodes("a", "b");
    assertFalse(seen.sawADelete());
    await(owner.close());
    seen.awaitNodes();
    await(reader.close());
  }

  @Test
  void nodesOfAProcessThatDiedGoAfterTheirTtl() throws Exception {
    NatsRegistry reader = registry();
    Seen seen = new Seen(reader, "greeter");
    NatsRegistry owner = registry();
    await(owner.register(greeter("b"), LIVING));
    // A process of go-micro's plug-in that says it is there, and then nothing more.
    Connection dies = Nats.connect(server.url());
    dies.publish("micro.registry.nats.watch", Result.announcement("create", greeter("a")));
    dies.flush(Duration.ofSeconds(5));
    dies.close();
    seen.awaitNodes("a", "b");

    seen.awaitNodes("b");

    assertEquals(Set.of("b"), Seen.ids(await(reader.get("greeter"))));
    await(owner.close());
    await(reader.close());
  }

  @Test
  void unknownServiceIsToldAtOnceWhereNobodyListens() {
    NatsRegistry slow =
        NatsRegistry.create(vertx, options().setAnswerTimeout(Duration.ofSeconds(50)));

    assertEquals(List.of(), await(slow.get("nobody")));

    await(slow.close());
  }

  @Test
  void failsWithUnavailableWhereThereIsNoServer() {
    NatsRegistry lost = registry();
    server.process().kill();

    RpcException down = assertThrows(RpcException.class, () -> await(lost.get("greeter")));

    assertEquals(503, down.code());
    await(lost.close());
  }
}
