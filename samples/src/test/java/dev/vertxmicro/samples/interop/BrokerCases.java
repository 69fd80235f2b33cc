// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.http.HttpBroker;
import dev.vertxmicro.broker.nats.NatsBroker;
import dev.vertxmicro.broker.nats.NatsBrokerOptions;
import dev.vertxmicro.broker.rabbitmq.RabbitBroker;
import dev.vertxmicro.broker.rabbitmq.RabbitBrokerOptions;
import dev.vertxmicro.greeter.Note;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.peers.Programs;
import dev.vertxmicro.peers.RabbitServer;
import dev.vertxmicro.peers.ServerProcess;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import dev.vertxmicro.runtime.Publication;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Events of either side reach the subscribers of the other. */
abstract class BrokerCases {

  private static final List<String> SERVERS = List.of("grpc", "mucp");
  private static final List<String> SAFE = List.of("application/json", "application/protobuf");

  private static int natsPort;
  private static ServerProcess nats;
  private static ConsulServer consul;

  private Vertx vertx;
  private final List<Broker> brokers = new ArrayList<>();
  private final List<Registry> registries = new ArrayList<>();

  @BeforeAll
  static void startServers() {
    natsPort = FreePorts.one();
    nats =
        ServerProcess.start(
            List.of(
                Programs.find("nats-server").toString(), "-a", "127.0.0.1", "-p", "" + natsPort),
            () -> answers(natsPort));
    consul = ConsulServer.forgetful();
  }

  private static boolean answers(int port) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      socket.setSoTimeout(1_000);
      return socket.getInputStream().read() == 'I';
    }
  }

  @AfterAll
  static void stopServers() {
    if (nats != null) {
      nats.close();
    }
    if (consul != null) {
      consul.close();
    }
  }

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() {
    brokers.forEach(broker -> await(broker.close()));
    registries.forEach(registry -> await(registry.close()));
    await(vertx.close());
  }

  private static String[] natsFlags(String... more) {
    List<String> flags =
        new ArrayList<>(List.of("-broker", "nats", "-broker-address", "127.0.0.1:" + natsPort));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private Broker onNats(int port) {
    return opened(
        NatsBroker.create(
            vertx, new NatsBrokerOptions().setServers(List.of("nats://127.0.0.1:" + port))));
  }

  private Broker opened(Broker broker) {
    brokers.add(broker);
    await(broker.connect());
    return broker;
  }

  private static Note note(String text) {
    return Note.newBuilder().setText(text).build();
  }

  private RpcClient clientOf(Broker broker) {
    return RpcClient.builder(vertx).withBroker(broker).build();
  }

  private static BlockingQueue<Event> subscribe(
      Broker broker, String topic, SubscribeOption... options) {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            topic,
            event -> {
              events.add(event);
              return Future.succeededFuture();
            },
            options));
    return events;
  }

  private static Event take(BlockingQueue<Event> events) throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertNotNull(event, "no event in 20 s");
    return event;
  }

  // NATS

  private static final String PROBE = "probe";

  /** Publishes until a subscriber that has just started gets something. */
  private static void awaitSubscription(RpcClient client, String topic, GoPeer subscriber) {
    Publication<Note> probe =
        Publication.of(topic, note(PROBE)).withContentType("application/protobuf");
    until(
        () -> {
          await(client.publish(probe));
          return !subscriber.takeEvents().isEmpty();
        },
        "a subscription to " + topic);
  }

  private static JsonObject nextEvent(GoPeer subscriber) throws InterruptedException {
    JsonObject event;
    do {
      event = subscriber.nextEvent();
    } while (PROBE.equals(event.getString("text")));
    return event;
  }

  @InteropCase(
      number = "32a",
      value =
          "NATS: J publishes as JSON and protobuf, G's gRPC and mucp subscribers read it; payload"
              + " `{\"Header\":..,\"Body\":..}` with `Micro-Topic`, `Content-Type`")
  void goMicroReadsWhatJavaPublishes(String program) throws Exception {
    try (FlakyProxy proxy = FlakyProxy.to(natsPort)) {
      RpcClient client = clientOf(onNats(proxy.port()));
      for (String server : SERVERS) {
        String topic = "to-" + server + "-" + program;
        try (GoPeer peer =
            GoPeer.start(program, "reader", natsFlags("-server", server, "-topic", topic))) {
          awaitSubscription(client, topic, peer);
          for (String contentType : SAFE) {
            Publication<Note> publication =
                Publication.of(topic, note("in " + contentType))
                    .withContentType(contentType)
                    .withMetadata("Foo-Bar", "baz");

            await(client.publish(publication));

            JsonObject read = nextEvent(peer);
            assertEquals("in " + contentType, read.getString("text"), read::encode);
            assertEquals(topic, read.getString("topic"), read::encode);
            assertEquals("baz", read.getJsonObject("metadata").getString("foo-bar"), read::encode);
          }
        }
        JsonObject payload = last(proxy, Direction.TO_SERVER, "PUB " + topic);
        assertEquals(Set.of("Header", "Body"), payload.fieldNames());
        JsonObject header = payload.getJsonObject("Header");
        assertEquals(topic, header.getString("Micro-Topic"));
        assertEquals("application/protobuf", header.getString("Content-Type"));
        assertEquals(note("in application/protobuf"), Note.parseFrom(payload.getBinary("Body")));
      }
      await(client.close());
    }
  }

  /** Returns the payload of the last message whose line begins so. */
  private static JsonObject last(FlakyProxy proxy, Direction direction, String begin) {
    String sent = proxy.tap().bytes(0, direction).toString(StandardCharsets.ISO_8859_1);
    int at = sent.lastIndexOf(begin + " ");
    assertTrue(at >= 0, sent);
    int from = sent.indexOf("\r\n", at) + 2;
    return new JsonObject(sent.substring(from, sent.indexOf("\r\n", from)));
  }

  @InteropCase(number = "32b", value = "NATS: one queue group of J and G: each event arrives once")
  void aQueueGroupOfBoth(String program) throws Exception {
    String topic = "shared-" + program;
    try (GoPeer peer =
        GoPeer.start(program, "reader", natsFlags("-topic", topic, "-queue", "group"))) {
      Broker broker = onNats(natsPort);
      BlockingQueue<Event> ours = subscribe(broker, topic, SubscribeOption.queue("group"));
      RpcClient client = clientOf(broker);
      awaitSubscription(client, topic, peer);
      int events = 60;
      for (int i = 0; i < events; i++) {
        await(
            client.publish(
                Publication.of(topic, note("" + i)).withContentType("application/protobuf")));
      }

      List<String> seen = new ArrayList<>();
      collect(ours, peer, seen, events);
      assertEquals(events, new TreeSet<>(seen).size(), seen::toString);
      await(client.close());
    }
  }

  @InteropCase(
      number = "33",
      value =
          "NATS: J reads what G publishes: mucp in JSON, protobuf and, in a frame, `grpc+proto`;"
              + " gRPC in raw `grpc+proto` and JSON")
  void javaReadsWhatGoMicroPublishes(String program) throws Exception {
    FlakyProxy proxy = FlakyProxy.to(natsPort);
    Broker broker = onNats(proxy.port());
    String topic = "from-" + program;
    BlockingQueue<Event> events = subscribe(broker, topic);
    for (String[] how :
        new String[][] {
          {"mucp", "application/json"},
          {"mucp", "application/protobuf"},
          {"mucp", "application/grpc+proto"},
          {"grpc", "application/grpc+proto"},
          {"grpc", "application/protobuf"},
          {"grpc", "application/json"},
        }) {
      try (GoPeer publisher =
          GoPeer.publisher(program, topic, natsFlags("-client", how[0], "-content-type", how[1]))) {
        publisher.say(new JsonObject().put("text", how[0] + how[1]));
        assertTrue(publisher.nextEvent().getBoolean("published"));

        Event event = take(events);

        assertEquals(how[0] + how[1], event.body(Note.class).getText());
        assertEquals(how[1], event.message().contentType());
        boolean framed = how[0].equals("mucp") && how[1].startsWith("application/grpc");
        byte[] body = last(proxy, Direction.TO_CLIENT, "MSG " + topic).getBinary("Body");
        byte[] message = note(how[0] + how[1]).toByteArray();
        if (how[1].endsWith("json")) {
          assertEquals('{', body[0]);
        } else {
          assertArrayEquals(framed ? frame(message) : message, body);
        }
      }
    }
    await(broker.close());
    proxy.close();
  }

  private static byte[] frame(byte[] message) {
    return Buffer.buffer()
        .appendByte((byte) 0)
        .appendInt(message.length)
        .appendBytes(message)
        .getBytes();
  }

  @InteropCase(
      number = "34",
      value =
          "NATS: without `Micro-Topic` G's mucp subscribers before v5.10 ignore an event, later"
              + " ones take it; J always sends it")
  void theTopicHeaderMatters(String program) throws Exception {
    String topic = "bare-" + program;
    try (GoPeer peer =
        GoPeer.start(program, "reader", natsFlags("-server", "mucp", "-topic", topic))) {
      RpcClient client = clientOf(onNats(natsPort));
      awaitSubscription(client, topic, peer);
      JsonObject payload =
          new JsonObject()
              .put("Header", new JsonObject().put("Content-Type", "application/json"))
              .put("Body", "{\"text\":\"bare\"}".getBytes(StandardCharsets.UTF_8));
      publishRaw(topic, payload.toBuffer());
      await(client.publish(Publication.of(topic, note("whole")).withContentType(SAFE.get(0))));

      boolean takesBare = program.equals(GoPeer.V5);
      Set<String> seen = new TreeSet<>();
      do {
        seen.add(nextEvent(peer).getString("text"));
      } while (!seen.contains("whole") || (takesBare && !seen.contains("bare")));

      assertEquals(takesBare ? Set.of("bare", "whole") : Set.of("whole"), seen);
      await(client.close());
    }
  }

  /** Speaks NATS by hand, for what our broker would not send; returns when the server has it. */
  private void publishRaw(String subject, Buffer payload) {
    NetClient client = vertx.createNetClient();
    NetSocket socket = await(client.connect(natsPort, "127.0.0.1"));
    Promise<Void> pong = Promise.promise();
    Buffer seen = Buffer.buffer();
    socket.handler(
        bytes -> {
          if (seen.appendBuffer(bytes).toString().contains("PONG")) {
            pong.tryComplete();
          }
        });
    socket.write(
        Buffer.buffer("CONNECT {\"verbose\":false}\r\nPUB " + subject + " " + payload.length())
            .appendString("\r\n")
            .appendBuffer(payload)
            .appendString("\r\nPING\r\n"));
    await(pong.future());
    await(client.close());
  }

  @InteropCase(
      number = "37a",
      value = "NATS: with an exchange that is the subject, and `Micro-Topic` the topic, both ways")
  void anExchangeIsTheSubject(String program) throws Exception {
    Broker broker = onNats(natsPort);
    RpcClient client = clientOf(broker);
    String exchange = "exchange-" + program;
    BlockingQueue<Event> events = subscribe(broker, exchange);
    try (GoPeer publisher = GoPeer.publisher(program, "topic", natsFlags("-exchange", exchange))) {
      publisher.say(new JsonObject().put("text", "go"));

      Event event = take(events);

      assertEquals("topic", event.message().target());
      assertEquals(exchange, event.topic());
      assertEquals("go", event.body(Note.class).getText());
    }
    await(
        client.publish(
            Publication.of("topic", note("java")).withContentType(SAFE.get(0)),
            PublishOption.exchange(exchange)));
    assertEquals("topic", take(events).message().target());
    await(client.close());
  }

  // HTTP, with Consul as its registry

  private static String[] httpFlags(String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "-broker", "http", "-registry", "consul", "-registry-address", consul.address()));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private Broker overHttp() {
    Registry registry =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    registries.add(registry);
    return opened(HttpBroker.create(vertx, registry));
  }

  @InteropCase(
      number = "35a",
      value =
          "HTTP: J subscribes as a node of `micro.http.broker`, version `ff.http.broadcast`; what G"
              + " publishes reaches every J")
  void goMicroPublishesOverHttp(String program) throws Exception {
    String topic = "http-" + program;
    BlockingQueue<Event> one = subscribe(overHttp(), topic);
    BlockingQueue<Event> two = subscribe(overHttp(), topic);
    JsonArray nodes = entries(topic);
    assertEquals(2, nodes.size(), nodes::encode);
    try (GoPeer publisher = GoPeer.publisher(program, topic, httpFlags("-client", "mucp"))) {
      publisher.say(new JsonObject().put("text", "hello"));

      for (BlockingQueue<Event> events : List.of(one, two)) {
        Event event = take(events);
        assertEquals("hello", event.body(Note.class).getText());
        assertEquals(topic, event.message().target());
      }
    }
    JsonObject seen =
        GoPeer.run(program, flagsOfRegistry("-mode", "get", "-name", "micro.http.broker"));
    assertTrue(seen.encode().contains("\"version\":\"ff.http.broadcast\""), seen::encode);
  }

  private static String[] flagsOfRegistry(String... more) {
    List<String> flags =
        new ArrayList<>(List.of("-registry", "consul", "-registry-address", consul.address()));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  /** Returns the nodes of the HTTP broker that subscribe to a topic. */
  private static JsonArray entries(String topic) {
    JsonArray found = new JsonArray();
    new JsonArray(consul.get("/v1/catalog/service/micro.http.broker"))
        .forEach(
            entry -> {
              if (((JsonObject) entry).getString("ServiceID").startsWith(topic + "-")) {
                found.add(entry);
              }
            });
    return found;
  }

  @InteropCase(
      number = "35b",
      value = "HTTP: two J in a queue group: what G publishes reaches exactly one of them")
  void aQueueGroupOverHttp(String program) throws Exception {
    String topic = "http-queue-" + program;
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    for (int i = 0; i < 2; i++) {
      await(
          overHttp()
              .subscribe(
                  topic,
                  event -> {
                    events.add(event);
                    return Future.succeededFuture();
                  },
                  SubscribeOption.queue("group")));
    }
    try (GoPeer publisher = GoPeer.publisher(program, topic, httpFlags("-client", "mucp"))) {
      int most = 10;
      Set<String> seen = new TreeSet<>();
      for (int i = 0; i < most; i++) {
        publisher.say(new JsonObject().put("text", "" + i));
        seen.add(take(events).body(Note.class).getText());
      }
      assertEquals(most, seen.size());
      assertEquals(List.of(), List.copyOf(events));
    }
  }

  @InteropCase(
      number = "35c",
      value =
          "HTTP: J publishes to G's subscribers, gRPC and mucp, JSON and protobuf, and to one of a"
              + " queue group")
  void javaPublishesOverHttp(String program) throws Exception {
    RpcClient client = clientOf(overHttp());
    for (String server : SERVERS) {
      String topic = "http-to-" + server + "-" + program;
      String[] flags = httpFlags("-server", server, "-topic", topic);
      String[] grouped = httpFlags("-server", server, "-topic", topic, "-queue", "group");
      try (GoPeer alone = GoPeer.start(program, "reader", flags);
          GoPeer first = GoPeer.start(program, "reader", grouped);
          GoPeer second = GoPeer.start(program, "reader", grouped)) {
        for (GoPeer peer : List.of(alone, first, second)) {
          awaitSubscription(client, topic, peer);
        }
        for (String contentType : SAFE) {
          await(
              client.publish(
                  Publication.of(topic, note(contentType)).withContentType(contentType)));
          assertEquals(contentType, nextEvent(alone).getString("text"));
        }
        List<String> ofGroup = new ArrayList<>();
        until(
            () -> {
              first.takeEvents().forEach(event -> ofGroup.add(event.getString("text")));
              second.takeEvents().forEach(event -> ofGroup.add(event.getString("text")));
              return ofGroup.containsAll(SAFE);
            },
            "what was published in the group");
        ofGroup.removeIf(PROBE::equals);
        assertEquals(SAFE.size(), ofGroup.size(), ofGroup::toString);
      }
    }
    await(client.close());
  }

  @InteropCase(
      number = "35d",
      value = "HTTP: one queue group of J and G: what either publishes arrives once")
  void aQueueGroupOfBothOverHttp(String program) throws Exception {
    String topic = "http-shared-" + program;
    Broker broker = overHttp();
    BlockingQueue<Event> ours = subscribe(broker, topic, SubscribeOption.queue("group"));
    RpcClient client = clientOf(broker);
    try (GoPeer peer =
            GoPeer.start(
                program,
                "reader",
                httpFlags("-server", "mucp", "-topic", topic, "-queue", "group"));
        GoPeer publisher = GoPeer.publisher(program, topic, httpFlags("-client", "mucp"))) {
      awaitSubscription(client, topic, peer);
      int events = 20;
      for (int i = 0; i < events; i++) {
        await(client.publish(Publication.of(topic, note("j" + i)).withContentType(SAFE.get(0))));
        publisher.say(new JsonObject().put("text", "g" + i));
      }

      List<String> seen = new ArrayList<>();
      collect(ours, peer, seen, 2 * events);
      assertEquals(2 * events, new TreeSet<>(seen).size(), seen::toString);
    }
    await(client.close());
  }

  /** Collects what members of one queue group get, until all has come. */
  private static void collect(
      BlockingQueue<Event> ours, GoPeer theirs, List<String> seen, int events) {
    until(
        () -> {
          for (Event event = ours.poll(); event != null; event = ours.poll()) {
            seen.add(event.body(Note.class).getText());
          }
          theirs.takeEvents().forEach(line -> seen.add(line.getString("text")));
          seen.removeIf(PROBE::equals);
          return seen.size() >= events;
        },
        "all events");
  }

  // RabbitMQ

  private static String[] rabbitFlags(String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "-broker",
                "rabbitmq",
                "-broker-address",
                "127.0.0.1:" + RabbitServer.shared().port()));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private Broker onRabbit(int port) {
    return opened(
        RabbitBroker.create(
            vertx, new RabbitBrokerOptions().setServers(List.of("amqp://127.0.0.1:" + port))));
  }

  @InteropCase(
      number = "36a",
      value =
          "RabbitMQ: J publishes to the exchange `micro`, topic as routing key, headers as AMQP's,"
              + " the raw body; G's gRPC and mucp subscribers read it")
  void goMicroReadsFromRabbit(String program) throws Exception {
    try (FlakyProxy proxy = FlakyProxy.to(RabbitServer.shared().port())) {
      Broker broker = onRabbit(proxy.port());
      RpcClient client = clientOf(broker);
      for (String server : SERVERS) {
        String topic = "rabbit-to-" + server + "-" + program;
        try (GoPeer peer =
            GoPeer.start(program, "reader", rabbitFlags("-server", server, "-topic", topic))) {
          awaitSubscription(client, topic, peer);
          for (String contentType : SAFE) {
            await(
                client.publish(
                    Publication.of(topic, note("in " + contentType)).withContentType(contentType)));

            assertEquals("in " + contentType, nextEvent(peer).getString("text"));
          }
        }
        String sent =
            proxy.tap().bytes(0, Direction.TO_SERVER).toString(StandardCharsets.ISO_8859_1);
        assertTrue(sent.contains("\u0005micro" + (char) topic.length() + topic), sent);
        assertTrue(sent.contains("\u000bMicro-Topic"), sent);
        assertTrue(sent.contains("{\"text\":\"in application/json\"}"), sent);
      }
      await(client.close());
      await(broker.close());
    }
  }

  @InteropCase(
      number = "36b",
      value = "RabbitMQ: J reads what G publishes, and shares a queue with G: each event once")
  void javaReadsFromRabbit(String program) throws Exception {
    Broker broker = onRabbit(RabbitServer.shared().port());
    String topic = "rabbit-from-" + program;
    BlockingQueue<Event> events = subscribe(broker, topic);
    for (String client : SERVERS) {
      try (GoPeer publisher =
          GoPeer.publisher(
              program,
              topic,
              rabbitFlags("-client", client, "-content-type", "application/protobuf"))) {
        publisher.say(new JsonObject().put("text", client));

        Event event = take(events);

        assertEquals(client, event.body(Note.class).getText());
        assertEquals(topic, event.message().target());
      }
    }
    String queue = "rabbit-queue-" + program;
    BlockingQueue<Event> ours = subscribe(broker, queue, SubscribeOption.queue(queue));
    try (GoPeer peer =
            GoPeer.start(program, "reader", rabbitFlags("-topic", queue, "-queue", queue));
        GoPeer publisher = GoPeer.publisher(program, queue, rabbitFlags())) {
      int most = 20;
      for (int i = 0; i < most; i++) {
        publisher.say(new JsonObject().put("text", "" + i));
      }
      List<String> seen = new ArrayList<>();
      collect(ours, peer, seen, most);
      assertEquals(most, new TreeSet<>(seen).size(), seen::toString);
    }
  }

  @InteropCase(
      number = "37b",
      value = "RabbitMQ: with an exchange that is the routing key, and `Micro-Topic` the topic")
  void anExchangeIsTheRoutingKey(String program) throws Exception {
    Broker broker = onRabbit(RabbitServer.shared().port());
    String exchange = "rabbit-exchange-" + program;
    BlockingQueue<Event> events = subscribe(broker, exchange);
    try (GoPeer publisher =
        GoPeer.publisher(program, "topic", rabbitFlags("-exchange", exchange))) {
      publisher.say(new JsonObject().put("text", "go"));

      Event event = take(events);

      assertEquals("topic", event.message().target());
      assertEquals("go", event.body(Note.class).getText());
    }
  }
}
