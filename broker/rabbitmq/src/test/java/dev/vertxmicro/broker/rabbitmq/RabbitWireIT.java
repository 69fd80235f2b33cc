// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.GoEvents;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is on the wire, written and read by amqp-client as it is. */
class RabbitWireIT {

  private static RabbitServer server;
  private static Vertx vertx;
  private static Connection connection;
  private static Channel raw;
  private static RabbitBroker broker;

  @BeforeAll
  static void start() throws Exception {
    server = RabbitServer.shared();
    vertx = Vertx.vertx();
    connection = Raw.connect(server);
    raw = connection.createChannel();
    broker = connected(Raw.options(server));
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      broker.close().await();
      connection.close();
      vertx.close().await();
    }
  }

  private static RabbitBroker connected(RabbitBrokerOptions options) {
    RabbitBroker made = RabbitBroker.create(vertx, options);
    made.connect().await();
    return made;
  }

  /** Captures what the exchange routes. */
  private static BlockingQueue<Delivery> capture(String exchange, String topic) throws Exception {
    BlockingQueue<Delivery> captured = new LinkedBlockingQueue<>();
    String queue = raw.queueDeclare().getQueue();
    raw.queueBind(queue, exchange, topic);
    raw.basicConsume(queue, true, (tag, delivery) -> captured.add(delivery), tag -> {});
    return captured;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    assertNotNull(next, "nothing came in time");
    return next;
  }

  /** As text: amqp-client has a type of its own for strings. */
  private static Map<String, String> headers(Delivery delivery) {
    Map<String, String> headers = new HashMap<>();
    delivery
        .getProperties()
        .getHeaders()
        .forEach((name, value) -> headers.put(name, value.toString()));
    return headers;
  }

  private static Message order() {
    return Message.event("written")
        .id("4f5a")
        .contentType("application/json")
        .headers(Metadata.of("X-Trace", "é"))
        .body(Buffer.buffer("{\"a\":1}"))
        .build();
  }

  @Test
  void writesHeadersAsAmqpHeadersAndTheBodyAsItIs() throws Exception {
    BlockingQueue<Delivery> captured = capture("micro", "written");

    broker.publish("written", order()).await();

    Delivery delivery = next(captured);
    assertEquals("micro", delivery.getEnvelope().getExchange());
    assertEquals("written", delivery.getEnvelope().getRoutingKey());
    assertArrayEquals("{\"a\":1}".getBytes(UTF_8), delivery.getBody());
    assertEquals(
        Map.of(
            "X-Trace", "é",
            "Micro-Id", "4f5a",
            "Micro-Topic", "written",
            "Content-Type", "application/json"),
        headers(delivery));
    assertEquals(
        new BasicProperties.Builder().headers(delivery.getProperties().getHeaders()).build(),
        delivery.getProperties());
  }

  /** The same event by go-micro has the same properties. */
  @Test
  void writesNoOtherPropertiesThanGoMicro() throws Exception {
    BlockingQueue<Delivery> captured = capture("micro", "written");
    broker.publish("written", order()).await();
    Delivery ours = next(captured);
    try (GoEvents goMicro =
        new GoEvents("events-v5", "-broker", "rabbitmq", "-address", server.address())) {
      JsonObject header = new JsonObject();
      headers(ours).forEach(header::put);
      goMicro.publish("written", header, ours.getBody());

      Delivery theirs = next(captured);
      assertEquals(headers(ours), headers(theirs));
      assertArrayEquals(ours.getBody(), theirs.getBody());
      // Nor a content type, a delivery mode, a time: nothing but headers.
      assertEquals(
          ours.getProperties().builder().headers(null).build(),
          theirs.getProperties().builder().headers(null).build());
    }
  }

  @Test
  void marksPersistentEvents() throws Exception {
    RabbitBroker persistent = connected(Raw.options(server).setPersistent(true));
    BlockingQueue<Delivery> captured = capture("micro", "written");

    persistent.publish("written", order()).await();

    assertEquals(2, next(captured).getProperties().getDeliveryMode());
    persistent.close().await();
  }

  @Test
  void joinsHeadersOfTheSameNameAndKeepsTheFirstCase() throws Exception {
    BlockingQueue<Delivery> captured = capture("micro", "joined");
    Metadata twice = Metadata.of("X-Tag", "a").plus("x-tag", "b").plus("Other", "c");

    broker.publish("joined", Message.event("joined").headers(twice).build()).await();

    assertEquals(
        Map.of("X-Tag", "a, b", "Other", "c", "Micro-Topic", "joined"), headers(next(captured)));
  }

  @Test
  void publishesToTheExchangeOfThePublishAndSaysTheTopic() throws Exception {
    BlockingQueue<Delivery> captured = capture("micro", "elsewhere");

    broker.publish("written", order(), PublishOption.exchange("elsewhere")).await();

    assertEquals("written", headers(next(captured)).get("Micro-Topic"));
  }

  @Test
  void declaresTheExchangeAndQueuesAsGoMicroDoes() throws Exception {
    broker
        .subscribe("declared", event -> Future.succeededFuture(), SubscribeOption.queue("group"))
        .await();

    // Declaring anything otherwise would fail.
    raw.exchangeDeclare("micro", BuiltinExchangeType.TOPIC, false, false, null);
    raw.queueDeclare("group", false, false, true, null);
    assertEquals(1, raw.queueDeclarePassive("group").getConsumerCount());
  }

  @Test
  void declaresWhatIsDurable() throws Exception {
    RabbitBroker durable =
        connected(
            Raw.durable(server)
                .setExchangeType(RabbitBrokerOptions.ExchangeType.DIRECT)
                .setExchange("direct")
                .setQueuePerTopic(true)
                .setQueueArguments(new JsonObject().put("x-max-length", 10)));
    durable
        .subscribe("declared", event -> Future.succeededFuture(), SubscribeOption.queue("kept"))
        .await();

    raw.exchangeDeclare("direct", BuiltinExchangeType.DIRECT, true, false, null);
    raw.queueDeclare("kept.declared", true, false, false, Map.of("x-max-length", 10));
    durable.close().await();
    assertEquals(0, raw.queueDelete("kept.declared").getMessageCount());
  }

  private static BlockingQueue<Event> subscribe(String topic, SubscribeOption... options) {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    broker
        .subscribe(
            topic,
            event -> {
              events.add(event);
              return Future.succeededFuture();
            },
            options)
        .await();
    return events;
  }

  /** As a mucp client of go-micro v4.11 and as a gRPC client write the same event. */
  @Test
  void readsFramedAndRawBodies() throws Exception {
    BlockingQueue<Event> events = subscribe("read");
    byte[] framed = {0, 0, 0, 0, 4, 10, 2, 'h', 'i'};
    byte[] bare = {10, 2, 'h', 'i'};
    for (byte[] body : new byte[][] {framed, bare}) {
      raw.basicPublish(
          "micro",
          "read",
          new BasicProperties.Builder()
              .headers(Map.of("Content-Type", "application/grpc+proto", "Micro-ID", "7"))
              .build(),
          body);
    }

    for (int i = 0; i < 2; i++) {
      Event event = next(events);
      assertEquals(Buffer.buffer(bare), event.message().body());
      assertEquals("7", event.message().id());
      assertEquals("application/grpc+proto", event.message().contentType());
      assertEquals("read", event.message().target());
    }
  }

  /** Headers of any type, and none that would not be metadata; AMQP's properties stand in. */
  @Test
  void readsWhatOthersWrite() throws Exception {
    BlockingQueue<Event> events = subscribe("others");
    Map<String, Object> headers = new HashMap<>();
    headers.put("Number", 7L);
    headers.put("Truth", true);
    headers.put("Bytes", "é".getBytes(UTF_8));
    headers.put("When", new Date(0));
    headers.put("List", List.of(1, 2));
    headers.put("Nothing", null);
    headers.put("No Token", "x");
    headers.put("Lines", "a\nb");
    BasicProperties properties =
        new BasicProperties.Builder()
            .headers(headers)
            .contentType("text/plain")
            .messageId("id-1")
            .build();

    raw.basicPublish("micro", "others", properties, "hello".getBytes(UTF_8));
    raw.basicPublish("micro", "others", null, new byte[0]);

    Event event = next(events);
    assertEquals("id-1", event.message().id());
    assertEquals("hello", event.body(String.class));
    Metadata read = event.message().headers();
    assertEquals("7", read.get("Number"));
    assertEquals("true", read.get("Truth"));
    assertEquals("é", read.get("Bytes"));
    assertEquals("[1, 2]", read.get("List"));
    assertTrue(read.contains("When"));
    assertNull(read.get("Nothing"));
    assertNull(read.get("Lines"));
    assertEquals(5, read.size());
    assertEquals(Message.event("others").build(), next(events).message());
  }

  @Test
  void subscribesToManyTopicsAtOnce() throws Exception {
    BlockingQueue<Event> events = subscribe("many.*.#");

    for (String topic : List.of("many", "many.one", "many.one.two")) {
      broker.publish(topic, Message.event(topic).build()).await();
    }

    for (String topic : List.of("many.one", "many.one.two")) {
      Event event = next(events);
      assertEquals("many.*.#", event.topic());
      assertEquals(topic, event.message().target());
    }
  }
}
