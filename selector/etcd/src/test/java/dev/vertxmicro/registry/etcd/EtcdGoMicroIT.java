// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** One real etcd, shared with real go-micro processes. */
class EtcdGoMicroIT {

  static final List<String> PROGRAMS = GoPeer.ALL;

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(3), Duration.ofSeconds(1));

  private static EtcdServer etcd;
  private static Vertx vertx;
  private EtcdRegistry registry;

  @BeforeAll
  static void startAll() {
    etcd = EtcdServer.start();
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

  private static String[] flags(String... more) {
    List<String> flags = new ArrayList<>();
    Collections.addAll(flags, "-registry", "etcd", "-registry-address", etcd.address());
    Collections.addAll(flags, more);
    return flags.toArray(String[]::new);
  }

  private static GoPeer serve(String program, String service) throws InterruptedException {
    return GoPeer.start(
        program,
        service,
        flags("-register-ttl", "3s", "-register-interval", "1s", "-metadata", "zone=a"));
  }

  private static List<Service> servicesOf(JsonObject line) {
    Complaints complaints = new Complaints(System.getLogger("test"), TimeSource.of(vertx));
    return line.getJsonArray("services").stream()
        .map(one -> Buffer.buffer(((JsonObject) one).encode()))
        .map(json -> ServiceJson.read(json, "go-micro", complaints))
        .toList();
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void aServiceOfGoMicroIsFoundAsGoMicroFindsIt(String program) throws InterruptedException {
    try (GoPeer peer = serve(program, "greeter")) {
      List<Service> found = await(registry.get("greeter"));

      assertEquals(1, found.size());
      Node node = found.get(0).nodes().get(0);
      assertEquals(peer.address(), node.address());
      assertEquals("grpc", node.protocol());
      assertEquals("a", node.metadata().get("zone"));
      assertTrue(
          found.get(0).endpoints().stream().map(Endpoint::name).toList().contains("Greeter.Hello"));
      JsonObject own = GoPeer.run(program, flags("-mode", "get", "-name", "greeter"));
      assertEquals(servicesOf(own), found);
      assertEquals(List.of("greeter"), await(registry.list()));

      JsonObject reply =
          GoPeer.call(
              program, node.address(), "Greeter.Hello", new JsonObject().put("name", "Ada"));
      assertEquals("Hello Ada", reply.getJsonObject("reply").getString("greeting"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void thatGoMicroComesStopsAndDiesIsSeen(String program) throws InterruptedException {
    try (Following events = new Following(registry, "greeter")) {
      try (GoPeer first = serve(program, "greeter")) {
        RegistryEvent came = events.next();
        assertEquals(Action.CREATE, came.action());
        assertEquals(first.address(), came.service().nodes().get(0).address());
      }
      assertEquals(Action.DELETE, events.until().action());

      try (GoPeer second = serve(program, "greeter")) {
        assertEquals(Action.CREATE, events.next().action());
        second.kill();
        assertEquals(Action.DELETE, events.until().action());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void aServiceOfJavaIsFoundListedAndCalledByGoMicro(String program) throws InterruptedException {
    // A node that Java has registered; who listens there does not matter to the registry.
    try (GoPeer listener = GoPeer.start(program, "unregistered")) {
      Service greeter =
          Service.builder("greeter")
              .version("1.2")
              .metadata("team", "x")
              .endpoint("Greeter.Hello")
              .node(
                  Node.builder("greeter-java", listener.address())
                      .protocol("grpc")
                      .metadata("zone", "b")
                      .build())
              .build();
      Registration registration = await(registry.register(greeter, LIVING));

      JsonObject found = GoPeer.run(program, flags("-mode", "get", "-name", "greeter"));
      assertEquals(List.of(greeter), servicesOf(found));
      JsonObject listed = GoPeer.run(program, flags("-mode", "list"));
      assertEquals(
          Set.of("greeter"),
          servicesOf(listed).stream().map(Service::name).collect(Collectors.toSet()));
      JsonObject reply =
          GoPeer.run(
              program,
              flags(
                  "-mode",
                  "call",
                  "-name",
                  "greeter",
                  "-endpoint",
                  "Greeter.Hello",
                  "-json",
                  "{\"name\":\"Ada\"}"));
      assertNotNull(reply.getJsonObject("reply"), reply::encode);
      assertEquals("Hello Ada", reply.getJsonObject("reply").getString("greeting"));

      await(registration.close());
      JsonObject gone = GoPeer.run(program, flags("-mode", "get", "-name", "greeter"));
      assertEquals("service not found", gone.getString("other"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void goMicroWatchesWhatJavaDoes(String program) throws InterruptedException {
    try (GoPeer watch = GoPeer.watch(program, "greeter", flags())) {
      Registration registration =
          await(
              registry.register(
                  Service.builder("greeter").node(Node.of("greeter-java", "127.0.0.1:1")).build(),
                  LIVING));
      JsonObject came = watch.nextEvent();
      assertEquals("create", came.getString("event"));
      assertEquals(
          "127.0.0.1:1",
          came.getJsonObject("service")
              .getJsonArray("nodes")
              .getJsonObject(0)
              .getString("address"));

      await(registration.close());
      assertEquals("delete", watch.nextEvent().getString("event"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void aNameWithASlashIsTheSameOnBothSides(String program) throws InterruptedException {
    try (GoPeer peer = serve(program, "go/greeter")) {
      List<Service> found = await(registry.get("go/greeter"));
      assertEquals(peer.address(), found.get(0).nodes().get(0).address());
      assertEquals(List.of("go-greeter"), await(registry.list()));
    }
    Service java = Service.builder("java/greeter").node(Node.of("a/b", "127.0.0.1:1")).build();
    await(registry.register(java, LIVING));

    JsonObject found = GoPeer.run(program, flags("-mode", "get", "-name", "java/greeter"));

    assertEquals(List.of(java), servicesOf(found));
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void nodesOfBothAreOneService(String program) throws InterruptedException {
    try (GoPeer peer = serve(program, "greeter")) {
      await(
          registry.register(
              Service.builder("greeter").node(Node.of("greeter-java", "127.0.0.1:1")).build(),
              LIVING));

      Set<String> both = Set.of(peer.address(), "127.0.0.1:1");
      eventually(both, () -> addresses(await(registry.get("greeter"))));
      JsonObject own = GoPeer.run(program, flags("-mode", "get", "-name", "greeter"));
      assertEquals(both, addresses(servicesOf(own)));
      assertEquals(1, servicesOf(own).size());
    }
  }

  private static Set<String> addresses(List<Service> services) {
    return services.stream()
        .flatMap(service -> service.nodes().stream())
        .map(Node::address)
        .collect(Collectors.toSet());
  }
}
