// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.eventually;
import static dev.vertxmicro.registry.etcd.Following.failure;
import static dev.vertxmicro.registry.etcd.Following.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of registrations and watches when a real etcd, or the way to it, fails. */
class EtcdOutageIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(20), Duration.ofMillis(500));
  private static final RegisterOptions BRIEF =
      new RegisterOptions(Duration.ofSeconds(2), Duration.ofMillis(500));

  private final Vertx vertx = Vertx.vertx();
  private EtcdServer etcd;

  @BeforeEach
  void start() {
    etcd = EtcdServer.start();
  }

  @AfterEach
  void stop() {
    await(vertx.close());
    if (etcd != null) {
      etcd.close();
    }
  }

  private EtcdRegistry open() {
    return EtcdRegistry.create(vertx, etcd.options());
  }

  private EtcdRegistry open(String... endpoints) {
    return EtcdRegistry.create(vertx, etcd.options().setEndpoints(List.of(endpoints)));
  }

  private static Service greeter(String... ids) {
    Service.Builder service = Service.builder("greeter").version("1");
    for (String id : ids) {
      service.node(Node.of(id, "127.0.0.1:1"));
    }
    return service.build();
  }

  @Test
  void afterAKillAndRestartWithItsDataNothingIsLost() {
    EtcdRegistry registry = open();
    await(registry.register(greeter("a"), LIVING));
    try (Following events = new Following(registry, "greeter")) {
      etcd.kill();
      assertEquals(503, failure(registry.get("greeter")).code());

      etcd.restart();
      await(open().register(greeter("b"), LIVING));

      events.until("a", "b");
      eventually(Set.of("a", "b"), () -> ids(await(registry.get("greeter"))));
      assertEquals(List.of(), events.rest());
    }
  }

  @Test
  void afterARestartWithoutItsDataAllRegisterAgainAndNobodyIsDeleted() {
    EtcdRegistry registry = open();
    EtcdRegistry other = open();
    await(registry.register(greeter("a"), LIVING));
    await(other.register(greeter("b"), LIVING));
    etcd.put("/micro/registry/greeter/silent", json("silent"));
    try (Following events = new Following(registry, "greeter")) {
      etcd.kill();
      etcd.restartEmpty();

      eventually(Set.of("a", "b"), () -> ids(await(registry.get("greeter"))));
      Registration late = await(other.register(greeter("c"), LIVING));
      assertEquals(Action.CREATE, events.until("a", "b", "c", "silent").action());
      await(late.close());
      assertEquals(Action.DELETE, events.until("a", "b", "silent").action());
      assertEquals(List.of(), events.rest());
    }
  }

  private static String json(String id) {
    return "{\"name\":\"greeter\",\"version\":\"1\",\"nodes\":[{\"id\":\""
        + id
        + "\",\"address\":\"127.0.0.1:1\"}]}";
  }

  @Test
  void whatIsCompactedWhileTheWayIsCutIsReportedAllTheSame() {
    etcd.put("/micro/registry/greeter/a", json("a"));
    etcd.put("/micro/registry/greeter/b", json("b"));
    try (Proxy proxy = Proxy.start(vertx, etcd.port());
        Following events = new Following(open(proxy.address()), "greeter")) {
      proxy.cut();
      etcd.delete("/micro/registry/greeter/a");
      etcd.put("/micro/registry/greeter/c", json("c"));
      etcd.compact();
      proxy.heal();

      events.until("b", "c");
      etcd.delete("/micro/registry/greeter/b");
      events.until("c");
    }
  }

  @Test
  void whatChangesWhileTheWayIsCutIsReportedInItsOrder() {
    etcd.put("/micro/registry/greeter/a", json("a"));
    try (Proxy proxy = Proxy.start(vertx, etcd.port());
        Following events = new Following(open(proxy.address()), "greeter")) {
      proxy.cut();
      etcd.delete("/micro/registry/greeter/a");
      etcd.put("/micro/registry/greeter/b", json("b"));
      etcd.delete("/micro/registry/greeter/b");
      etcd.put("/micro/registry/greeter/c", json("c"));
      proxy.heal();

      assertEquals(Set.of("a"), ids(List.of(events.next().service())));
      assertEquals(Set.of("b"), ids(List.of(events.next().service())));
      assertEquals(Action.DELETE, events.next().action());
      assertEquals(Set.of("c"), ids(List.of(events.next().service())));
    }
  }

  @Test
  void aNodeThatIsCutOffExpiresAndComesBackByItself() {
    try (Proxy proxy = Proxy.start(vertx, etcd.port());
        Following events = new Following(open(), "greeter")) {
      Registration registration = await(open(proxy.address()).register(greeter("a"), BRIEF));
      assertEquals(Action.CREATE, events.until("a").action());

      proxy.cut();
      assertEquals(Action.DELETE, events.until().action());
      proxy.heal();
      assertEquals(Action.CREATE, events.until("a").action());

      await(registration.close());
      assertEquals(Action.DELETE, events.until().action());
    }
  }

  @Test
  void aMemberThatRefusesIsPassedOver() {
    try (Proxy one = Proxy.start(vertx, etcd.port());
        Proxy two = Proxy.start(vertx, etcd.port())) {
      EtcdRegistry registry = open(one.address(), two.address());
      await(registry.register(greeter("a"), LIVING));
      try (Following events = new Following(registry, "greeter")) {
        Proxy used = one.connections() > 0 ? one : two;
        used.cut();

        assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
        await(open().register(greeter("b"), LIVING));
        events.until("a", "b");
        assertEquals(0, used.connections());
      }
    }
  }

  @Test
  void aMemberThatSaysNothingIsPassedOverWithinTheTimeOfARequest() {
    try (Proxy one = Proxy.start(vertx, etcd.port());
        Proxy two = Proxy.start(vertx, etcd.port())) {
      EtcdRegistry registry = open(one.address(), two.address());
      await(registry.register(greeter("a"), RegisterOptions.DEFAULT));
      try (Following events = new Following(registry, "greeter")) {
        Proxy used = one.connections() > 0 ? one : two;
        used.swallow();

        assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
        await(open().register(greeter("b"), LIVING));
        events.until("a", "b");
      }
    }
  }

  @Test
  void aWatchWhoseMemberHasVanishedIsFoundOutByAPing() {
    try (Proxy one = Proxy.start(vertx, etcd.port())) {
      EtcdRegistry registry =
          EtcdRegistry.create(
              vertx,
              etcd.options()
                  .setEndpoints(List.of(one.address()))
                  .setRequestTimeout(Duration.ofSeconds(2))
                  .setKeepAliveTime(Duration.ofSeconds(5)));
      try (Following events = new Following(registry, "greeter")) {
        one.swallow();
        await(open().register(greeter("a"), LIVING));
        eventually(0, one::connections);
        one.heal();

        events.until("a");
      }
    }
  }

  @Test
  void nobodyThereIsAFailureThatSaysWhereNobodyIs() {
    etcd.kill();

    String detail = failure(open().get("greeter")).detail();

    assertTrue(detail.contains(etcd.address()), detail);
  }

  @Test
  void closingLeavesNoLeaseAndNoConnection() {
    try (Proxy proxy = Proxy.start(vertx, etcd.port())) {
      EtcdRegistry registry = open(proxy.address());
      await(registry.register(greeter("a"), LIVING));
      await(registry.register(Service.builder("other").node(Node.of("x", "h:1")).build(), LIVING));
      await(registry.watch("greeter", event -> {}).ready());
      assertEquals(2, etcd.leases());
      assertEquals(1, proxy.connections());

      await(registry.close());

      assertEquals(0, etcd.leases());
      eventually(0, proxy::connections);
    }
  }

  @Test
  void answersAndEventsComeOnTheContextOfTheCaller() {
    EtcdRegistry registry = open();
    Context context = vertx.getOrCreateContext();
    Promise<Context> answered = Promise.promise();
    Promise<Context> heard = Promise.promise();
    Promise<Void> watched = Promise.promise();

    context.runOnContext(
        v -> {
          registry.get("greeter").onComplete(r -> answered.complete(Vertx.currentContext()));
          registry
              .watch("greeter", event -> heard.tryComplete(Vertx.currentContext()))
              .ready()
              .onComplete(watched);
        });

    assertEquals(context, await(answered.future()));
    await(watched.future());
    await(registry.register(greeter("a"), LIVING));
    assertEquals(context, await(heard.future()));
  }
}
