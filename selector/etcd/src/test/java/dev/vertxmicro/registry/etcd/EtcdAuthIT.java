// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.eventually;
import static dev.vertxmicro.registry.etcd.Following.failure;
import static dev.vertxmicro.registry.etcd.Following.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users, passwords and permissions of a real etcd. */
class EtcdAuthIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(20), Duration.ofMillis(500));
  private static final String PREFIX = "/micro/registry/";

  private final Vertx vertx = Vertx.vertx();
  private EtcdServer etcd;

  @BeforeEach
  void start() {
    etcd = EtcdServer.start("--auth-token-ttl=1", "--bcrypt-cost=4");
    etcd.addUser("ada", "countess", PREFIX);
  }

  @AfterEach
  void stop() {
    await(vertx.close());
    if (etcd != null) {
      etcd.close();
    }
  }

  private EtcdRegistry open(String user, String password) {
    return EtcdRegistry.create(vertx, etcd.options().setUser(user).setPassword(password));
  }

  private static Service service(String name, String... ids) {
    Service.Builder service = Service.builder(name).version("1");
    for (String id : ids) {
      service.node(Node.of(id, "127.0.0.1:1"));
    }
    return service.build();
  }

  private static void assertAllRefused(int code, EtcdRegistry registry) {
    for (Future<?> refused :
        List.of(
            registry.get("greeter"),
            registry.list(),
            registry.register(service("greeter", "x"), LIVING),
            registry.watch("greeter", event -> {}).ready())) {
      assertEquals(code, failure(refused).code());
    }
  }

  @Test
  void aUserWithAPasswordRegistersFindsAndWatches() {
    etcd.enableAuth();
    EtcdRegistry registry = open("ada", "countess");
    try (Following events = new Following(registry, "greeter")) {
      Registration registration = await(registry.register(service("greeter", "a"), LIVING));

      events.until("a");
      assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
      assertEquals(List.of("greeter"), await(registry.list()));
      await(registration.close());
      events.until();
    }
  }

  @Test
  void nobodyAndAWrongPasswordAreRefusedAndThePasswordIsNotTold() {
    etcd.enableAuth();

    assertAllRefused(401, EtcdRegistry.create(vertx, etcd.options()));
    assertAllRefused(401, open("ada", "duchess"));
    assertAllRefused(401, open("charles", "countess"));
    String message = failure(open("ada", "duchess").get("greeter")).getMessage();
    assertFalse(message.contains("duchess"), message);
  }

  @Test
  void aUserWithoutPermissionIsRefused() {
    etcd.addUser("bob", "builder", PREFIX + "other/");
    etcd.enableAuth();

    assertAllRefused(403, open("bob", "builder"));
    EtcdRegistry allowed = open("bob", "builder");
    await(allowed.register(service("other", "a"), LIVING));
    assertEquals(Set.of("a"), ids(await(allowed.get("other"))));
  }

  @Test
  void credentialsAreOfNoMatterToAnEtcdThatAsksForNone() {
    EtcdRegistry registry = open("ada", "whatever");

    await(registry.register(service("greeter", "a"), LIVING));

    assertEquals(Set.of("a"), ids(await(registry.get("greeter"))));
  }

  @Test
  void whenAuthenticationIsEnabledLaterATokenIsTakenThen() {
    EtcdRegistry registry = open("ada", "countess");
    try (Following events = new Following(registry, "greeter")) {
      await(registry.register(service("greeter", "a"), LIVING));
      events.until("a");

      etcd.enableAuth();

      await(registry.register(service("greeter", "b"), LIVING));
      events.until("a", "b");
      assertEquals(Set.of("a", "b"), ids(await(registry.get("greeter"))));
    }
  }

  @Test
  void aTokenThatHasExpiredIsReplacedForRequestsAndWatches() {
    etcd.enableAuth();
    EtcdRegistry registry = open("ada", "countess");
    try (Following first = new Following(registry, "greeter")) {
      // Tokens live for a second, and etcd looks for old ones each second.
      LockSupport.parkNanos(Duration.ofSeconds(4).toNanos());

      try (Following second = new Following(registry, "other")) {
        await(registry.register(service("greeter", "a"), LIVING));
        await(registry.register(service("other", "b"), LIVING));
        first.until("a");
        second.until("b");
      }
    }
  }

  @Test
  void aTokenThatARestartHasForgottenIsReplacedAndNobodyIsDeleted() {
    etcd.enableAuth();
    EtcdRegistry registry = open("ada", "countess");
    await(registry.register(service("greeter", "a"), LIVING));
    try (Following events = new Following(registry, "greeter")) {
      etcd.kill();
      etcd.restart();

      await(registry.register(service("greeter", "b"), LIVING));
      events.until("a", "b");
      eventually(Set.of("a", "b"), () -> ids(await(registry.get("greeter"))));
      assertEquals(List.of(), events.rest());
    }
  }

  @Test
  void aPermissionThatIsTakenAwayDeletesNobody() {
    etcd.enableAuth();
    EtcdRegistry registry = open("ada", "countess");
    await(registry.register(service("greeter", "a"), RegisterOptions.FOR_EVER));
    try (Following events = new Following(registry, "greeter")) {
      etcd.ask("/auth/user/revoke", new JsonObject().put("name", "ada").put("role", "ada"));
      assertEquals(403, failure(registry.get("greeter")).code());
      etcd.kill();
      etcd.restart();
      // The watch asks again and again, and is refused.
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      assertEquals(List.of(), events.rest());

      etcd.becomeRoot();
      etcd.ask("/auth/user/grant", new JsonObject().put("user", "ada").put("role", "ada"));
      await(registry.register(service("greeter", "b"), RegisterOptions.FOR_EVER));
      events.until("a", "b");
    }
  }
}
