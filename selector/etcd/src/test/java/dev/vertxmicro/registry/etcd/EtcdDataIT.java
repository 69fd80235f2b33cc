// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.eventually;
import static dev.vertxmicro.registry.etcd.Following.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real etcd may hold. */
class EtcdDataIT {

  private static EtcdServer etcd;
  private static Vertx vertx;
  private EtcdRegistry registry;

  @BeforeAll
  static void startAll() {
    etcd = EtcdServer.start("--experimental-watch-progress-notify-interval=100ms");
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopAll() {
    if (etcd != null) {
      await(vertx.close());
      etcd.close();
    }
  }

  @BeforeEach
  void open() {
    etcd.deleteAll("/micro/registry/");
    registry = EtcdRegistry.create(vertx, etcd.options());
  }

  @AfterEach
  void close() {
    await(registry.close());
  }

  private static Service nodes(int count) {
    Service.Builder service = Service.builder("greeter").version("1").endpoint("Greeter.Hello");
    IntStream.range(0, count)
        .forEach(i -> service.node(Node.builder("n" + i, "127.0.0.1:" + (i + 1)).build()));
    return service.build();
  }

  private static String json(String id, String metadata) {
    return new JsonObject()
        .put("name", "greeter")
        .put("version", "1")
        .put(
            "nodes",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("id", id)
                        .put("address", "127.0.0.1:1")
                        .put("metadata", new JsonObject().put("x", metadata))))
        .encode();
  }

  @Test
  void aServiceOfAThousandNodesComesAndGoes() {
    Service many = nodes(1_000);
    try (Following events = new Following(registry, "greeter")) {
      Registration registration = await(registry.register(many, RegisterOptions.DEFAULT));

      events.until(ids(List.of(many)).toArray(String[]::new));
      assertEquals(
          Set.copyOf(many.nodes()), Set.copyOf(await(registry.get("greeter")).get(0).nodes()));
      assertEquals(List.of("greeter"), await(registry.list()));

      await(registration.close());
      RegistryEvent last = events.until();
      assertEquals(Action.DELETE, last.action());
      assertEquals(List.of(), await(registry.get("greeter")));
    }
  }

  @Test
  void aThousandNodesStayAlive() {
    Service many = nodes(1_000);
    await(
        registry.register(many, new RegisterOptions(Duration.ofSeconds(3), Duration.ofSeconds(1))));
    etcd.delete("/micro/registry/greeter/n500");

    eventually(1_000, () -> ids(await(registry.get("greeter"))).size());
  }

  @Test
  void severalKeysDeletedInOneTransactionAreAllReported() {
    for (int i = 0; i < 50; i++) {
      etcd.put("/micro/registry/greeter/n" + i, json("n" + i, ""));
    }
    try (Following events = new Following(registry, "greeter")) {
      etcd.deleteAll("/micro/registry/greeter/");

      RegistryEvent all = events.next();
      assertEquals(Action.DELETE, all.action());
      assertEquals(50, all.service().nodes().size());
    }
  }

  @Test
  void entriesThatAreNoneAreSkippedAndTheRestServedAndWatched() {
    etcd.put("/micro/registry/greeter/a", json("a", ""));
    etcd.put("/micro/registry/greeter/b", "{\"name\":");
    etcd.put("/micro/registry/greeter/c", "\u0000\u0001");
    etcd.put("/micro/registry/greeter/d/e", json("d/e", ""));
    etcd.put("/micro/registry/greeter", "x");
    etcd.put("/micro/registry/\uD83D\uDE00", "x");
    try (Following events = new Following(registry, "greeter")) {
      assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
      assertEquals(List.of("greeter"), await(registry.list()));

      etcd.put("/micro/registry/greeter/f", "garbage");
      etcd.put("/micro/registry/greeter/g", json("g", ""));
      etcd.delete("/micro/registry/greeter/b");
      etcd.delete("/micro/registry/greeter/a");

      assertEquals(Set.of("g"), ids(List.of(events.next().service())));
      assertEquals(Action.DELETE, events.next().action());
    }
  }

  @Test
  void entriesAboveTheBoundAreSkippedAndTheRestServedAndWatched() {
    EtcdRegistry small = EtcdRegistry.create(vertx, etcd.options().setMaxReplyBytes(64 * 1024));
    String large = json("large", "x".repeat(100 * 1024));
    etcd.put("/micro/registry/greeter/a", json("a", ""));
    etcd.put("/micro/registry/greeter/large", large);
    etcd.put("/micro/registry/greeter/z", json("z", ""));
    try (Following events = new Following(small, "greeter")) {
      assertEquals(Set.of("a", "z"), ids(await(small.get("greeter"))));

      // Ends the stream of watches, and the next one begins behind it.
      etcd.put("/micro/registry/greeter/larger", large);
      etcd.put("/micro/registry/greeter/b", json("b", ""));

      events.until("a", "b", "z");
      etcd.delete("/micro/registry/greeter/a");
      events.until("b", "z");
    }
    await(small.close());
  }

  @Test
  void manyLargeEntriesAreReadInSeveralAnswers() {
    EtcdRegistry small = EtcdRegistry.create(vertx, etcd.options().setMaxReplyBytes(64 * 1024));
    for (int i = 0; i < 30; i++) {
      etcd.put("/micro/registry/greeter/n" + i, json("n" + i, "x".repeat(20 * 1024)));
    }

    assertEquals(30, ids(await(small.get("greeter"))).size());
    await(small.close());
  }

  @Test
  void manyKeysAreListedInSeveralAnswers() {
    EtcdRegistry small = EtcdRegistry.create(vertx, etcd.options().setMaxReplyBytes(64 * 1024));
    Service.Builder many = Service.builder("greeter");
    String hundred = "x".repeat(100);
    IntStream.range(0, 1_000).forEach(i -> many.node(Node.of(hundred + i, "h:1")));
    await(registry.register(many.build(), RegisterOptions.DEFAULT));

    assertEquals(List.of("greeter"), await(small.list()));
    await(small.close());
  }

  @Test
  void progressIsFollowedSoThatACompactionIsSurvivedWithoutReadingAnew() {
    etcd.put("/micro/registry/greeter/a", json("a", ""));
    try (Proxy proxy = Proxy.start(vertx, etcd.port())) {
      EtcdRegistry far =
          EtcdRegistry.create(vertx, etcd.options().setEndpoints(List.of(proxy.address())));
      try (Following events = new Following(far, "greeter")) {
        for (int i = 0; i < 5; i++) {
          etcd.put("/elsewhere", "x" + i);
        }
        etcd.compact();
        // A watch is cancelled if what it is to report next is compacted; one that moved on is not.
        etcd.put("/micro/registry/greeter/b", json("b", ""));
        events.until("a", "b");
        proxy.cut();
        etcd.delete("/micro/registry/greeter/a");
        proxy.heal();
        assertEquals(Action.DELETE, events.until("b").action());
      }
      await(far.close());
    }
  }

  @Test
  void versionsOfOneServiceAreSeparateAndANodeCanMoveBetweenThem() {
    etcd.put("/micro/registry/greeter/a", json("a", ""));
    try (Following events = new Following(registry, "greeter")) {
      etcd.put(
          "/micro/registry/greeter/a",
          json("a", "").replace("\"version\":\"1\"", "\"version\":\"2\""));

      RegistryEvent left = events.next();
      assertEquals(Action.DELETE, left.action());
      assertEquals("1", left.service().version());
      RegistryEvent came = events.next();
      assertEquals(Action.CREATE, came.action());
      assertEquals("2", came.service().version());
      assertTrue(events.rest().isEmpty());
    }
  }

  @Test
  void anotherPrefixIsAnotherRegistry() {
    EtcdRegistry other = EtcdRegistry.create(vertx, etcd.options().setPrefix("/other"));
    await(other.register(nodes(1), RegisterOptions.DEFAULT));

    assertEquals(List.of(), await(registry.get("greeter")));
    assertEquals(Set.of("n0"), ids(await(other.get("greeter"))));
    assertTrue(etcd.value("/other/greeter/n0").contains("\"n0\""));
    await(other.close());
  }
}
