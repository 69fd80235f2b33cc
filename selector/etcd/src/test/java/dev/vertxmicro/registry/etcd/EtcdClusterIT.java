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
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real etcd of three members, of which some die. */
class EtcdClusterIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(30), Duration.ofSeconds(1));

  private final Vertx vertx = Vertx.vertx();
  private List<EtcdServer> members = List.of();

  @BeforeEach
  void start() {
    members = EtcdServer.startCluster(3);
  }

  @AfterEach
  void stop() {
    await(vertx.close());
    members.forEach(EtcdServer::close);
  }

  private EtcdOptions options() {
    return members
        .get(0)
        .options()
        .setEndpoints(members.stream().map(EtcdServer::address).toList());
  }

  private static Service greeter(String id) {
    return Service.builder("greeter").version("1").node(Node.of(id, "127.0.0.1:1")).build();
  }

  @Test
  void whicheverMemberDiesTheOthersServe() {
    EtcdRegistry reader = EtcdRegistry.create(vertx, options());
    EtcdRegistry writer = EtcdRegistry.create(vertx, options());
    await(writer.register(greeter("first"), LIVING));
    Set<String> all = new TreeSet<>(Set.of("first"));
    try (Following events = new Following(reader, "greeter")) {
      for (EtcdServer member : members) {
        member.kill();

        Service another = greeter("after-" + member.port());
        eventually(true, () -> await(writer.register(another, LIVING).map(true).otherwise(false)));
        all.add(another.nodes().get(0).id());
        events.until(all.toArray(String[]::new));
        eventually(all, () -> ids(await(reader.get("greeter"))));

        member.restart();
      }
      assertEquals(List.of(), events.rest());
    }
    await(reader.close());
    await(writer.close());
  }

  @Test
  void withoutAMajorityOnlyReadsThatMayBeOldAreAnswered() {
    EtcdRegistry strict = EtcdRegistry.create(vertx, options());
    EtcdRegistry loose = EtcdRegistry.create(vertx, options().setSerializableReads(true));
    await(strict.register(greeter("a"), LIVING));
    assertEquals(Set.of("a"), ids(await(loose.get("greeter"))));
    try (Following events = new Following(strict, "greeter")) {
      members.get(0).kill();
      members.get(1).kill();

      eventually(false, () -> await(strict.get("greeter").map(true).otherwise(false)));
      assertEquals(503, failure(strict.get("greeter")).code());
      assertTrue(ids(await(loose.get("greeter"))).contains("a"));
      assertEquals(List.of("greeter"), await(loose.list()));
      assertEquals(503, failure(strict.register(greeter("b"), LIVING)).code());

      members.get(0).restartWithoutWaiting();
      members.get(1).restart();
      eventually(true, () -> await(strict.get("greeter").map(true).otherwise(false)));
      eventually(Set.of("a"), () -> ids(await(strict.get("greeter"))));
      assertEquals(List.of(), events.rest());
    }
    await(strict.close());
    await(loose.close());
  }
}
