// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import dev.vertxmicro.registry.etcd.EtcdRegistry;
import dev.vertxmicro.registry.etcd.EtcdServer;
import dev.vertxmicro.registry.nats.NatsRegistry;
import dev.vertxmicro.registry.nats.NatsRegistryOptions;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Preset;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.selector.SelectOption;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Services that either side registers are found, watched and called by the other. */
abstract class RegistryCases {

  private static final HelloRequest ADA = HelloRequest.newBuilder().setName("Ada").build();
  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(1));

  /** A loaded machine may not answer within the 100 ms of go-micro. */
  private static final Duration ANSWERS = Duration.ofMillis(500);

  private static ConsulServer consul;
  private static EtcdServer etcd;
  private static NatsServer nats;

  private Vertx vertx;
  private Registry inConsul;
  private Registry inEtcd;

  @BeforeAll
  static void startServers() {
    consul = ConsulServer.forgetful();
    etcd = EtcdServer.start();
    nats = NatsServer.start();
  }

  @AfterAll
  static void stopServers() {
    if (consul != null) {
      consul.close();
    }
    if (etcd != null) {
      etcd.close();
    }
    if (nats != null) {
      nats.close();
    }
  }

  @BeforeEach
  void open() {
    etcd.deleteAll("/micro/registry/");
    vertx = Vertx.vertx();
    inConsul =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    inEtcd = EtcdRegistry.create(vertx, etcd.options());
  }

  @AfterEach
  void close() {
    await(inConsul.close());
    await(inEtcd.close());
    await(vertx.close());
  }

  private static String[] consul(String... more) {
    return flags("consul", consul.address(), more);
  }

  private static String[] etcd(String... more) {
    return flags("etcd", etcd.address(), more);
  }

  private static String[] nats(String... more) {
    return flags("nats", "127.0.0.1:" + nats.port(), more);
  }

  private static String[] flags(String kind, String address, String... more) {
    return joined(new String[] {"-registry", kind, "-registry-address", address}, more);
  }

  private static String[] joined(String[] flags, String... more) {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Waits for what a registry has not heard of yet. */
  private static Service found(Registry registry, String service) {
    until(
        () -> await(registry.get(service)).stream().anyMatch(known -> !known.nodes().isEmpty()),
        service);
    List<Service> services = await(registry.get(service));
    assertEquals(1, services.size(), services::toString);
    return services.get(0);
  }

  private static JsonObject onlyOne(JsonArray array) {
    assertEquals(1, array.size(), array::encode);
    return array.getJsonObject(0);
  }

  // Java finds what go-micro has registered

  @InteropCase(
      number = "24a",
      value =
          "Consul: J finds G's service with version, address, metadata and endpoints as G's own"
              + " GetService")
  void javaFindsInConsul(String program) throws Exception {
    javaFinds(program, inConsul, consul());
  }

  @InteropCase(number = "24b", value = "etcd: the same")
  void javaFindsInEtcd(String program) throws Exception {
    javaFinds(program, inEtcd, etcd());
  }

  @InteropCase(
      number = "29a",
      value =
          "NATS: J finds G's service, as in 24a; it asks on the subjects of go-micro's plug-ins,"
              + " which v4 answers, and of its core, which v5 does")
  void javaFindsOverNats(String program) throws Exception {
    try (FlakyProxy proxy = FlakyProxy.to(nats.port())) {
      Registry registry = overNats(proxy.port());

      javaFinds(program, registry, nats());

      String sent = proxy.tap().bytes(0, Direction.TO_SERVER).toString(StandardCharsets.UTF_8);
      for (String subject : List.of("micro.registry.nats.query", "micro.nats.query")) {
        assertTrue(sent.contains("PUB " + subject + " "), sent);
      }
      await(registry.close());
    }
  }

  private Registry overNats(int port) {
    return NatsRegistry.create(
        vertx,
        new NatsRegistryOptions()
            .setServers(List.of("nats://127.0.0.1:" + port))
            .setAnswerTimeout(ANSWERS));
  }

  /** Looks for a service that go-micro has registered where those flags say. */
  static void javaFinds(String program, Registry registry, String... flags)
      throws InterruptedException {
    String name = "of-" + program;
    try (GoPeer peer =
        GoPeer.start(program, name, joined(flags, "-version", "2.0", "-metadata", "zone=b"))) {
      Service ours = found(registry, name);

      JsonObject own =
          onlyOne(
              GoPeer.run(program, joined(flags, "-mode", "get", "-name", name))
                  .getJsonArray("services"));
      assertEquals("2.0", ours.version());
      assertEquals(own.getString("version"), ours.version());
      JsonObject node = onlyOne(own.getJsonArray("nodes"));
      assertEquals(peer.address(), ours.nodes().get(0).address());
      assertEquals(node.getString("id"), ours.nodes().get(0).id());
      assertEquals("b", ours.nodes().get(0).metadata().get("zone"));
      assertEquals("grpc", ours.nodes().get(0).protocol());
      assertEquals(
          node.getJsonObject("metadata").getMap(), Map.copyOf(ours.nodes().get(0).metadata()));
      assertEquals(
          names(own.getJsonArray("endpoints")),
          ours.endpoints().stream().map(Endpoint::name).collect(Collectors.toSet()));
      assertTrue(await(registry.list()).contains(name));
    }
  }

  private static Set<String> names(JsonArray endpoints) {
    return endpoints.stream()
        .map(endpoint -> ((JsonObject) endpoint).getString("name"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // go-micro calls what Java has registered

  @InteropCase(
      number = "25a",
      value =
          "Consul: G's selector finds and calls J's service; a foreign tag behind ours does no"
              + " harm")
  void goMicroCallsByConsul(String program) throws Exception {
    String name = "java-for-" + program;
    RpcServer server = greeter(vertx, name);
    await(server.start(inConsul, LIVING));
    String id = server.node().id();
    JsonObject entry = new JsonObject(consul.get("/v1/agent/service/" + id));
    consul.put(
        "/v1/agent/service/register",
        new JsonObject()
            .put("ID", id)
            .put("Name", name)
            .put("Address", "127.0.0.1")
            .put("Port", entry.getInteger("Port"))
            .put("Meta", entry.getJsonObject("Meta"))
            .put("Tags", entry.getJsonArray("Tags").copy().add("team").add("edge")));

    JsonObject reply = goMicroCalls(program, name, consul());
    JsonObject seen =
        onlyOne(
            GoPeer.run(program, consul("-mode", "get", "-name", name)).getJsonArray("services"));

    assertEquals("Hello Ada", reply.getString("greeting"));
    JsonObject node = onlyOne(seen.getJsonArray("nodes"));
    assertEquals("x", node.getJsonObject("metadata").getString("zone"), seen::encode);
    assertEquals("grpc", node.getJsonObject("metadata").getString("protocol"), seen::encode);
    assertEquals(Set.of("Greeter.Hello"), names(seen.getJsonArray("endpoints")));
    await(server.close());
  }

  @InteropCase(
      number = "29b",
      value =
          "NATS: G's selector finds and calls J's service, and does not find it when it has gone")
  void goMicroCallsOverNats(String program) throws Exception {
    Registry registry = overNats(nats.port());

    goMicroFindsAndCalls(program, vertx, registry, nats());

    await(registry.close());
  }

  /** Calls what this runtime has registered where those flags say. */
  static void goMicroFindsAndCalls(String program, Vertx vertx, Registry registry, String... flags)
      throws InterruptedException {
    String name = "java-for-" + program;
    RpcServer server = greeter(vertx, name);
    await(server.start(registry, LIVING));
    String[] get = joined(flags, "-mode", "get", "-name", name);
    until(() -> !servicesSeen(program, get).isEmpty(), "go-micro sees it");

    JsonObject reply = goMicroCalls(program, name, flags);
    JsonObject seen = onlyOne(servicesSeen(program, get));

    assertEquals("Hello Ada", reply.getString("greeting"));
    JsonObject node = onlyOne(seen.getJsonArray("nodes"));
    assertEquals(server.node().address(), node.getString("address"));
    assertEquals("x", node.getJsonObject("metadata").getString("zone"), seen::encode);
    assertEquals("grpc", node.getJsonObject("metadata").getString("protocol"), seen::encode);
    assertEquals(Set.of("Greeter.Hello"), names(seen.getJsonArray("endpoints")));
    await(server.close());
    until(() -> servicesSeen(program, get).isEmpty(), "go-micro sees that it has gone");
  }

  private static JsonArray servicesSeen(String program, String... get) {
    try {
      JsonArray services = GoPeer.run(program, get).getJsonArray("services");
      return services == null ? new JsonArray() : services;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @InteropCase(number = "25b", value = "etcd: G's selector finds and calls J's service")
  void goMicroCallsByEtcd(String program) throws Exception {
    RpcServer server = greeter(vertx, "java");
    await(server.start(inEtcd, LIVING));

    JsonObject reply = goMicroCalls(program, "java", etcd());

    assertEquals("Hello Ada", reply.getString("greeting"));
    await(server.close());
    JsonObject gone = GoPeer.run(program, etcd("-mode", "get", "-name", "java"));
    assertEquals("service not found", gone.getString("other"), gone::encode);
  }

  private static RpcServer greeter(Vertx vertx, String name) {
    return RpcServer.create(vertx, new ServerOptions(name).setMetadata(Map.of("zone", "x")))
        .handle(
            "Greeter.Hello",
            HelloRequest.class,
            hello ->
                Future.succeededFuture(
                    HelloReply.newBuilder().setGreeting("Hello " + hello.getName()).build()));
  }

  private static JsonObject goMicroCalls(String program, String service, String... flags)
      throws InterruptedException {
    return goMicroCalls(program, service, "Greeter.Hello", flags);
  }

  private static JsonObject goMicroCalls(
      String program, String service, String endpoint, String... flags)
      throws InterruptedException {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("-mode", "call", "-name", service, "-endpoint", endpoint));
    all.addAll(List.of("-json", "{\"name\":\"Ada\"}"));
    JsonObject outcome = GoPeer.run(program, all.toArray(String[]::new));
    assertNotNull(outcome.getJsonObject("reply"), outcome::encode);
    return outcome.getJsonObject("reply");
  }

  @InteropCase(
      number = "16",
      value =
          "a plain gRPC server that J has put into Consul, called by G with `/pkg.Service/Method`")
  void goMicroCallsAPlainServer(String program) throws Exception {
    GrpcServer plain = GrpcServer.server(vertx);
    ServiceMethod<HelloRequest, HelloReply> method =
        ServiceMethod.server(
            ServiceName.create("greeter", "Greeter"),
            "Hello",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(HelloRequest.newBuilder()));
    plain.callHandler(
        method,
        call ->
            call.handler(
                hello ->
                    call.response()
                        .end(
                            HelloReply.newBuilder()
                                .setGreeting("Hello " + hello.getName())
                                .build())));
    HttpServer http = await(vertx.createHttpServer().requestHandler(plain).listen(0, "127.0.0.1"));
    String name = "plain-for-" + program;
    Node node = Node.builder(name, "127.0.0.1:" + http.actualPort()).protocol("grpc").build();
    Registration registration =
        await(inConsul.register(Service.builder(name).node(node).build(), LIVING));
    found(inConsul, name);

    JsonObject reply = goMicroCalls(program, name, "/greeter.Greeter/Hello", consul());

    assertEquals("Hello Ada", reply.getString("greeting"));
    await(registration.close());
  }

  // What comes and goes

  @InteropCase(
      number = "26",
      value =
          "etcd: J's watch tells that G came; after kill -9 of G, when the lease has run out, that"
              + " it went, with its node")
  void aDeadServiceExpiresInEtcd(String program) throws Exception {
    BlockingQueue<RegistryEvent> events = new LinkedBlockingQueue<>();
    Watch watch = inEtcd.watch("mortal", events::add);
    await(watch.ready());
    try (GoPeer peer =
        GoPeer.start(program, "mortal", etcd("-register-ttl", "2s", "-register-interval", "1s"))) {
      assertEquals(peer.address(), nodeOf(next(events, Action.CREATE)).address());

      peer.kill();

      assertEquals(peer.address(), nodeOf(next(events, Action.DELETE)).address());
    }
    watch.close();
  }

  /** Takes events until one has that action: refreshes are updates. */
  private static RegistryEvent next(BlockingQueue<RegistryEvent> events, Action action)
      throws InterruptedException {
    RegistryEvent event;
    do {
      event = events.poll(30, TimeUnit.SECONDS);
      assertNotNull(event, () -> "no " + action + " in 30 s");
    } while (event.action() != action);
    return event;
  }

  private static Node nodeOf(RegistryEvent event) {
    return event.service().nodes().get(0);
  }

  @InteropCase(
      number = "27",
      value = "etcd: two nodes of G that vanish in one transaction are two deletes for J's watch")
  void allChangesOfATransactionAreSeen(String program) throws Exception {
    try (GoPeer one = GoPeer.start(program, "pair", etcd());
        GoPeer two = GoPeer.start(program, "pair", etcd())) {
      BlockingQueue<RegistryEvent> events = new LinkedBlockingQueue<>();
      Watch watch = inEtcd.watch("pair", events::add);
      await(watch.ready());
      assertEquals(2, found(inEtcd, "pair").nodes().size());

      etcd.deleteAll("/micro/registry/pair/");

      Set<String> gone = new TreeSet<>();
      while (gone.size() < 2) {
        RegistryEvent event = next(events, Action.DELETE);
        event.service().nodes().forEach(node -> gone.add(node.address()));
      }
      assertEquals(Set.of(one.address(), two.address()), gone);
      watch.close();
    }
  }

  @InteropCase(
      number = "28a",
      value = "etcd: a name with a slash is the same service on both sides")
  void aNameWithASlash(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "go/greeter", etcd())) {
      assertEquals(peer.address(), found(inEtcd, "go/greeter").nodes().get(0).address());
    }
    RpcServer server = greeter(vertx, "java/greeter");
    await(server.start(inEtcd, LIVING));
    // With a slash in the service's name G's client cannot write the path of Greeter.Hello.
    JsonObject reply = goMicroCalls(program, "java/greeter", "/greeter.Greeter/Hello", etcd());
    assertEquals("Hello Ada", reply.getString("greeting"));
    await(server.close());
  }

  @InteropCase(number = "28b", value = "etcd with user and password, on both sides")
  void etcdWithAPassword(String program) throws Exception {
    try (EtcdServer guarded = EtcdServer.start()) {
      guarded.addUser("go", "secret", "/micro/registry/");
      guarded.addUser("java", "hidden", "/micro/registry/");
      guarded.enableAuth();
      Registry registry =
          EtcdRegistry.create(vertx, guarded.options().setUser("java").setPassword("hidden"));
      try (GoPeer peer =
          GoPeer.start(
              program,
              "guarded",
              Map.of("ETCD_USERNAME", "go", "ETCD_PASSWORD", "secret"),
              flags("etcd", guarded.address()))) {
        assertEquals(peer.address(), found(registry, "guarded").nodes().get(0).address());
      }
      await(registry.close());
    }
  }

  @InteropCase(
      number = "31",
      value = "two versions and zones of G: J's version and label filters choose one")
  void filtersChoose(String program) throws Exception {
    String name = "filtered-" + program;
    try (GoPeer old = GoPeer.start(program, name, consul("-version", "1", "-metadata", "zone=a"));
        GoPeer young =
            GoPeer.start(program, name, consul("-version", "2", "-metadata", "zone=b"))) {
      RpcClient client = RpcClient.builder(vertx).withRegistry(inConsul).build();
      until(() -> await(inConsul.get(name)).size() == 2, "both");
      for (int i = 0; i < 5; i++) {
        assertEquals(old.address(), servedBy(client, name, SelectOption.version("1")));
        assertEquals(young.address(), servedBy(client, name, SelectOption.version("2")));
        assertEquals(old.address(), servedBy(client, name, SelectOption.label("zone", "a")));
        assertEquals(young.address(), servedBy(client, name, SelectOption.label("zone", "b")));
      }
      await(client.close());
    }
  }

  @InteropCase(
      number = "24c",
      value =
          "Consul, `Preset.GO_MICRO`: J calls G's gRPC and mucp servers by the `protocol` of their"
              + " entries, and where an entry has none, mucp as the first versions spoke it")
  void theEntrySaysTheProtocol(String program) throws Exception {
    String name = "mixed-" + program;
    try (GoPeer grpc = GoPeer.start(program, name, consul());
        GoPeer mucp = GoPeer.start(program, name, consul("-server", "mucp"));
        GoPeer unnamed = GoPeer.start(program, name, "-server", "mucp")) {
      Service entry = Service.builder(name).node(Node.of(name, unnamed.address())).build();
      Registration registration = await(inConsul.register(entry, LIVING));
      until(
          () -> await(inConsul.get(name)).stream().mapToInt(of -> of.nodes().size()).sum() == 3,
          "all three");
      RpcClient client =
          RpcClient.builder(vertx).preset(Preset.GO_MICRO).withRegistry(inConsul).build();
      Set<String> seen = new TreeSet<>();

      until(
          () -> {
            seen.add(servedBy(client, name));
            return seen.size() == 3;
          },
          "all three called");

      assertEquals(Set.of(grpc.address(), mucp.address(), unnamed.address()), seen);
      await(client.close());
      await(registration.close());
    }
  }

  private static String servedBy(RpcClient client, String service) {
    Request<HelloRequest, HelloReply> request =
        Request.of(service, "Greeter.Hello", ADA, HelloReply.class);
    return await(client.call(request)).getServedBy();
  }

  private static String servedBy(RpcClient client, String service, SelectOption option) {
    Request<HelloRequest, HelloReply> request =
        Request.of(service, "Greeter.Hello", ADA, HelloReply.class);
    return await(client.call(request, CallOption.select(option))).getServedBy();
  }
}
