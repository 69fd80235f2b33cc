// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static dev.vertxmicro.registry.nats.Seen.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Real go-micro and this runtime share a real NATS: v4 with its plug-in, v5 with its core. */
class NatsGoMicroIT {

  record Hello(String name) {}

  record Greeting(String greeting) {}

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(1));

  @SuppressWarnings("unused") // by FieldSource
  private static final Iterable<String> PROGRAMS = GoPeer.ALL;

  private static NatsServer server;

  private Vertx vertx;
  private NatsRegistry registry;

  @BeforeAll
  static void startNats() {
    server = NatsServer.start();
  }

  @AfterAll
  static void stopNats() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    registry =
        NatsRegistry.create(
            vertx,
            new NatsRegistryOptions()
                .setServers(List.of(server.url()))
                // A loaded machine may not answer within the 100 ms of go-micro.
                .setAnswerTimeout(Duration.ofMillis(500))
                .setProbeInterval(Duration.ofMillis(500))
                .setNodeTtl(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    await(registry.close());
    await(vertx.close());
  }

  private static String[] flags(String... more) {
    String[] flags = new String[4 + more.length];
    System.arraycopy(
        new String[] {"-registry", "nats", "-registry-address", "127.0.0.1:" + server.port()},
        0,
        flags,
        0,
        4);
    System.arraycopy(more, 0, flags, 4, more.length);
    return flags;
  }

  private static JsonArray seenByGo(String program, String service) {
    try {
      JsonArray services =
          GoPeer.run(program, flags("-mode", "get", "-name", service)).getJsonArray("services");
      return services == null ? new JsonArray() : services;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonObject onlyOne(JsonArray array) {
    assertEquals(1, array.size(), array::encode);
    return array.getJsonObject(0);
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void goMicroReadsWhatJavaWrites(String program) throws Exception {
    String name = "written-by-java-for-" + program;
    Service service =
        Service.builder(name)
            .version("1.2.3")
            .endpoint("Greeter.Hello")
            .endpoint("Greeter.Echo")
            .node(
                Node.builder(name + "-1", "127.0.0.1:9001")
                    .metadata("zone", "a \u00e4")
                    .protocol("grpc")
                    .build())
            .node(Node.of(name + "-2", "[::1]:9002"))
            .build();
    Registration registration = await(registry.register(service, LIVING));
    Seen.until(() -> seenByGo(program, name).size() == 1, "go-micro sees it");

    JsonObject seen = onlyOne(seenByGo(program, name));

    assertEquals("1.2.3", seen.getString("version"));
    assertEquals(
        Set.of("Greeter.Hello", "Greeter.Echo"),
        seen.getJsonArray("endpoints").stream()
            .map(endpoint -> ((JsonObject) endpoint).getString("name"))
            .collect(Collectors.toSet()));
    assertEquals(
        new TreeSet<>(
            Set.of(
                "127.0.0.1:9001 {\"protocol\":\"grpc\",\"zone\":\"a \u00e4\"}", "[::1]:9002 {}")),
        seen.getJsonArray("nodes").stream()
            .map(JsonObject.class::cast)
            .map(node -> node.getString("address") + " " + node.getJsonObject("metadata").encode())
            .collect(Collectors.toCollection(TreeSet::new)));
    assertTrue(
        GoPeer.run(program, flags("-mode", "list")).getJsonArray("services").stream()
            .anyMatch(listed -> ((JsonObject) listed).getString("name").equals(name)));
    await(registration.close());
    Seen.until(() -> seenByGo(program, name).isEmpty(), "go-micro sees that it is gone");
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void javaReadsWhatGoMicroWrites(String program) throws Exception {
    String name = "written-by-" + program;
    try (GoPeer peer =
        GoPeer.start(
            program, name, flags("-version", "2.0", "-metadata", "zone=b", "-metadata", "x=1"))) {
      Service seen = await(registry.get(name)).get(0);

      assertEquals("2.0", seen.version());
      assertEquals(11, seen.endpoints().size());
      assertTrue(
          seen.endpoints().stream()
              .anyMatch(
                  endpoint ->
                      endpoint.name().equals("Greeter.Hello")
                          && endpoint.request() != null
                          && endpoint.request().values().get(0).name().equals("name")));
      Node node = seen.nodes().get(0);
      assertEquals(peer.address(), node.address());
      assertEquals("grpc", node.protocol());
      assertEquals("b", node.metadata().get("zone"));
      assertEquals("1", node.metadata().get("x"));
      assertTrue(await(registry.list()).contains(name));
    }
    Seen.until(() -> await(registry.get(name)).isEmpty(), "the peer has deregistered");
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void goMicroWatchesAndCallsWhatJavaServes(String program) throws Exception {
    String name = "served-by-java-for-" + program;
    try (GoPeer watch = GoPeer.watch(program, name, flags())) {
      RpcServer server =
          RpcServer.create(vertx, new ServerOptions(name))
              .handle(
                  "Greeter.Hello",
                  Hello.class,
                  hello -> Future.succeededFuture(new Greeting("Hello " + hello.name())));
      await(server.start(registry, LIVING));
      assertNotEquals("delete", nextWithNodes(watch).getString("event"));

      JsonObject outcome =
          GoPeer.run(
              program,
              flags(
                  "-mode",
                  "call",
                  "-name",
                  name,
                  "-content-type",
                  "application/grpc+json",
                  "-json",
                  "{\"name\":\"Ada\"}"));

      assertEquals(
          "Hello Ada",
          outcome.getJsonObject("reply", new JsonObject()).getString("greeting"),
          outcome::encode);
      await(server.close());
      JsonObject event = watch.nextEvent();
      while (!event.getString("event").equals("delete")) {
        event = watch.nextEvent();
      }
    }
  }

  private static JsonObject nextWithNodes(GoPeer watch) throws InterruptedException {
    JsonObject event = watch.nextEvent();
    while (event.getJsonObject("service").getJsonArray("nodes") == null) {
      event = watch.nextEvent();
    }
    return event;
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void javaCallsWhatGoMicroServesAndSeesItStop(String program) throws Exception {
    String name = "called-at-" + program;
    Seen seen = new Seen(registry, name);
    RpcClient client = RpcClient.builder(vertx).withRegistry(registry).build();
    try (GoPeer peer = GoPeer.start(program, name, flags())) {
      Seen.until(() -> Seen.ids(seen.state()).size() == 1, "the peer is known");

      Service known = seen.state().get(0);
      Greeting greeting =
          await(client.call(Request.of(name, "Greeter.Hello", new Hello("Ada"), Greeting.class)));

      assertEquals("Hello Ada", greeting.greeting());
      assertEquals(peer.address(), known.nodes().get(0).address());
    }
    seen.awaitNodes();
    await(client.close());
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void aGoProcessThatIsKilledExpires(String program) throws Exception {
    String name = "killed-" + program;
    Seen seen = new Seen(registry, name);
    try (GoPeer peer =
        GoPeer.start(program, name, flags("-register-ttl", "3s", "-register-interval", "1s"))) {
      Seen.until(() -> Seen.ids(seen.state()).size() == 1, "the peer is known");

      peer.kill();

      seen.awaitNodes();
      assertEquals(List.of(), await(registry.get(name)));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void goMicroSeesThatAJavaNodeExpires(String program) {
    String name = "silent-for-" + program;
    await(
        registry.register(
            Service.builder(name).node(Node.of(name + "-1", "127.0.0.1:9001")).build(),
            new RegisterOptions(Duration.ofSeconds(3), Duration.ZERO)));
    Seen.until(() -> nodes(seenByGo(program, name)) == 1, "go-micro sees it");

    Seen.until(() -> nodes(seenByGo(program, name)) == 0, "go-micro sees that it is gone");
  }

  private static int nodes(JsonArray services) {
    return services.stream()
        .map(service -> ((JsonObject) service).getJsonArray("nodes"))
        .mapToInt(nodes -> nodes == null ? 0 : nodes.size())
        .sum();
  }
}
