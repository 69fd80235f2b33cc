// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.GoEvents;
import dev.vertxmicro.peers.PemFiles;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real go-micro services and this broker, which meet in a Consul. */
class GoMicroHttpIT {

  private static ConsulServer consul;

  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Registry registry;
  private String topic;

  @BeforeAll
  static void startConsul() {
    consul = ConsulServer.forgetful();
  }

  @AfterAll
  static void stopConsul() {
    if (consul != null) {
      consul.close();
    }
  }

  @BeforeEach
  void start(TestInfo test) {
    registry =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    // Odd on purpose: it is part of the node's id, and so of what is asked for.
    topic = "or ders/ü~*&=+." + Math.abs(test.getDisplayName().hashCode() + System.nanoTime());
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    registry.close().await();
    vertx.close().await();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private GoEvents go(String program, String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(
        List.of("-broker", "http", "-registry", "consul", "-registry-address", consul.address()));
    return closing(new GoEvents(program, all.toArray(String[]::new)));
  }

  private HttpBroker broker(HttpBrokerOptions options) {
    HttpBroker broker = HttpBroker.builder(vertx, registry).withOptions(options).build();
    closing(() -> broker.close().await());
    broker.connect().await();
    return broker;
  }

  private HttpBroker broker() {
    return broker(new HttpBrokerOptions());
  }

  private Subscription subscribe(
      HttpBroker broker, BlockingQueue<Event> events, SubscribeOption... options) {
    return broker
        .subscribe(
            topic,
            event -> {
              events.add(event);
              return Future.succeededFuture();
            },
            options)
        .await();
  }

  private static Event next(BlockingQueue<Event> events) throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertNotNull(event, "nothing came in time");
    return event;
  }

  private Message event(String id) {
    return Message.event(topic)
        .id(id)
        .contentType("application/json")
        .headers(Metadata.of("X-Trace", "é日本", "authorization", "Bearer x"))
        .body(Buffer.buffer("{\"a\":\"<é&>\"}"))
        .build();
  }

  /** The header of {@link #event} as go-micro publishes it. */
  private static JsonObject header(String id) {
    return new JsonObject()
        .put("Micro-Id", id)
        .put("Content-Type", "application/json")
        .put("X-Trace", "é日本")
        .put("authorization", "Bearer x");
  }

  private static byte[] body() {
    return "{\"a\":\"<é&>\"}".getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void goMicroReadsWhatWePublish(String program) throws Exception {
    GoEvents goMicro = go(program, "-topic", topic);

    broker().publish(topic, event("4f5a")).await();

    JsonObject got = goMicro.next();
    assertEquals(topic, got.getString("topic"));
    assertEquals(header("4f5a").put("Micro-Topic", topic), got.getJsonObject("header"));
    assertEquals(
        new String(body(), UTF_8),
        new String(Base64.getDecoder().decode(got.getString("body")), UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void weReadWhatGoMicroPublishes(String program) throws Exception {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    subscribe(broker(), events);
    GoEvents goMicro = go(program);

    goMicro.publish(topic, header("7"), body());
    Event event = next(events);
    assertEquals(event("7"), event.message());
    assertEquals(Map.of("a", "<é&>"), event.body(Map.class));

    goMicro.publish(topic, null, new byte[0]);
    assertEquals(Message.event(topic).build(), next(events).message());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void everybodyGetsWhatIsForNoQueueInParticular(String program) throws Exception {
    GoEvents listening = go(program, "-topic", topic);
    HttpBroker broker = broker();
    BlockingQueue<Event> one = new LinkedBlockingQueue<>();
    BlockingQueue<Event> two = new LinkedBlockingQueue<>();
    subscribe(broker, one);
    subscribe(broker, two);
    HttpBroker publisher = broker();
    GoEvents publishing = go(program);

    publisher.publish(topic, event("ours")).await();
    publishing.publish(topic, header("theirs"), body());

    List<String> both = List.of("ours", "theirs");
    assertEquals(both, sorted(next(one), next(one)));
    assertEquals(both, sorted(next(two), next(two)));
    List<String> heard = new ArrayList<>();
    heard.add(listening.next().getJsonObject("header").getString("Micro-Id"));
    heard.add(listening.next().getJsonObject("header").getString("Micro-Id"));
    assertEquals(both, heard.stream().sorted().toList());
  }

  private static List<String> sorted(Event first, Event second) {
    return List.of(first, second).stream().map(e -> e.message().id()).sorted().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void sharesAQueueGroupWithGoMicro(String program) throws Exception {
    GoEvents theirs = go(program, "-topic", topic, "-queue", "billing");
    BlockingQueue<Event> ours = new LinkedBlockingQueue<>();
    subscribe(broker(), ours, SubscribeOption.queue("billing"));
    HttpBroker publisher = broker();

    for (int i = 0; i < 200; i++) {
      publisher.publish(topic, event("" + i)).await();
    }

    // A publish has succeeded when a process has it, so that all have come somewhere.
    awaitSum(200, ours, theirs);
    assertFalse(ours.isEmpty());
    assertTrue(theirs.waiting() > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void getsItsShareOfWhatGoMicroPublishesToAGroup(String program) throws Exception {
    GoEvents theirs = go(program, "-topic", topic, "-queue", "billing");
    BlockingQueue<Event> ours = new LinkedBlockingQueue<>();
    subscribe(broker(), ours, SubscribeOption.queue("billing"));
    GoEvents publisher = go(program);

    for (int i = 0; i < 40; i++) {
      publisher.publish(topic, header("" + i), body());
      awaitSum(i + 1, ours, theirs); // Several at a time go-micro sends 100 ms apart.
    }

    assertFalse(ours.isEmpty());
    assertTrue(theirs.waiting() > 0);
  }

  private static void awaitSum(int expected, BlockingQueue<Event> ours, GoEvents theirs) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (ours.size() + theirs.waiting() < expected && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(expected, ours.size() + theirs.waiting());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void registersAsGoMicroDoes(String program) throws Exception {
    go(program, "-topic", topic, "-queue", "theirs");
    go(program, "-topic", topic);
    HttpBroker broker = broker();
    subscribe(broker, new LinkedBlockingQueue<>(), SubscribeOption.queue("ours"));
    subscribe(broker, new LinkedBlockingQueue<>());

    assertEquals(described("theirs"), described("ours"));
    List<Node> everybody = nodes(GoMicroNode.BROADCAST);
    assertEquals(2, everybody.size());
    assertEquals(everybody.get(0).metadata(), everybody.get(1).metadata());
  }

  private List<Node> nodes(String version) {
    return registry.get("micro.http.broker").await().stream()
        .filter(service -> service.version().equals(version))
        .flatMap(service -> service.nodes().stream())
        .filter(node -> topic.equals(node.metadata().get("topic")))
        .toList();
  }

  /** What is registered for a queue, without what is different each time. */
  private String described(String queue) {
    Service service =
        registry.get("micro.http.broker").await().stream()
            .filter(each -> each.version().equals(queue))
            .findFirst()
            .orElseThrow();
    Node node = nodes(queue).get(0);
    assertTrue(node.address().matches("127\\.0\\.0\\.1:\\d+"), node::address);
    return service.metadata()
        + " "
        + service.endpoints()
        + " "
        + node.id().replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>")
        + " "
        + new TreeMap<>(node.metadata());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void whoHasLeftIsNotWaitedFor(String program) throws Exception {
    GoEvents goMicro = go(program, "-topic", topic);
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Subscription subscription = subscribe(broker(), events);
    HttpBroker publisher = broker();
    publisher.publish(topic, event("1")).await();
    assertEquals("1", next(events).message().id());

    goMicro.close();
    subscription.close().await();

    assertEquals(List.of(), nodes(GoMicroNode.BROADCAST));
    broker().publish(topic, event("2")).await(); // One that has not known them.
    assertTrue(events.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void sendsTheBytesThatGoMicroSends(String program) throws Exception {
    RawPeer peer = closing(new RawPeer((request, to) -> RawPeer.write(to, RawPeer.OK)));
    Registration registration =
        registry
            .register(
                GoMicroNode.service(topic, null, topic + "-4711", peer.address(), false),
                RegisterOptions.DEFAULT)
            .await();
    GoEvents goMicro = go(program);
    goMicro.publish(topic, header("7"), body());
    RawPeer.Posted theirs = peer.next();

    broker().publish(topic, event("7")).await();
    RawPeer.Posted ours = peer.next();

    registration.close().await();
    assertEquals(theirs.line(), ours.line());
    TreeMap<String, String> own = new TreeMap<>(theirs.headers());
    own.keySet().removeAll(List.of("User-Agent", "Accept-Encoding"));
    // Not so long: Go writes <, > and & and what is beyond ASCII in other ways.
    own.put("Content-Length", Integer.toString(ours.body().length));
    assertEquals(own, ours.headers());
    JsonObject json = new JsonObject(theirs.text());
    assertEquals(json, new JsonObject(ours.text()));
    assertEquals(List.of("Header", "Body"), List.copyOf(json.fieldNames()));
    assertEquals(List.of("Header", "Body"), List.copyOf(new JsonObject(ours.text()).fieldNames()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void sendsTheSameBytesWhereNothingIsWrittenInTwoWays(String program) throws Exception {
    RawPeer peer = closing(new RawPeer((request, to) -> RawPeer.write(to, RawPeer.OK)));
    Registration registration =
        registry
            .register(
                GoMicroNode.service(topic, "q", topic + "-4711", peer.address(), false),
                RegisterOptions.DEFAULT)
            .await();
    GoEvents goMicro = go(program);
    goMicro.publish(topic, new JsonObject(), body());
    RawPeer.Posted theirs = peer.next();

    Message event = Message.event(topic).body(Buffer.buffer(body())).build();
    broker().publish(topic, event).await();
    RawPeer.Posted ours = peer.next();

    registration.close().await();
    assertEquals(theirs.text().replace("\\u0026", "&"), ours.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void meetsGoMicroUnderTls(String program, @TempDir Path directory) throws Exception {
    GoEvents listening = go(program, "-secure", "-topic", topic);
    PemFiles pem = PemFiles.make(directory, "ip:127.0.0.1");
    PemKeyCertOptions own =
        new PemKeyCertOptions()
            .setCertPath(pem.certificate().toString())
            .setKeyPath(pem.key().toString());
    HttpBroker broker =
        broker(
            new HttpBrokerOptions()
                .setSsl(new ServerSSLOptions().setKeyCertOptions(own))
                .setClientSsl(new ClientSSLOptions().setTrustAll(true)));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    subscribe(broker, events);

    broker.publish(topic, event("ours")).await();
    go(program).publish(topic, header("theirs"), body());

    assertEquals(List.of("ours", "theirs"), sorted(next(events), next(events)));
    assertEquals("ours", listening.next().getJsonObject("header").getString("Micro-Id"));
    assertEquals("theirs", listening.next().getJsonObject("header").getString("Micro-Id"));
  }
}
