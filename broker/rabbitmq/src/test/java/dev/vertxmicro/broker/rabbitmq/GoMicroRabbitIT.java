// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.GoEvents;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real go-micro and this broker on one server, on the exchange of go-micro. */
class GoMicroRabbitIT {

  private final RabbitServer server = RabbitServer.shared();
  private final Vertx vertx = Vertx.vertx();
  private final String topic = "orders." + new Random().nextInt(Integer.MAX_VALUE);
  private RabbitBroker broker;

  /** Another test may have declared it otherwise. */
  @BeforeEach
  void forgetTheExchange() {
    Raw.use(server, channel -> channel.exchangeDelete("micro"));
  }

  @AfterEach
  void stop() {
    broker.close().await();
    vertx.close().await();
    forgetTheExchange();
  }

  private void connect(RabbitBrokerOptions options) {
    broker = RabbitBroker.create(vertx, options);
    broker.connect().await();
  }

  private GoEvents goMicro(String program, String... flags) throws Exception {
    String[] all = new String[flags.length + 4];
    System.arraycopy(
        new String[] {"-broker", "rabbitmq", "-address", server.address()}, 0, all, 0, 4);
    System.arraycopy(flags, 0, all, 4, flags.length);
    return new GoEvents(program, all);
  }

  private BlockingQueue<Event> subscribe(SubscribeOption... options) {
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

  private static Event next(BlockingQueue<Event> events) throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertNotNull(event, "nothing came in time");
    return event;
  }

  /** What go-micro got but had not acknowledged when it was stopped comes once more, first. */
  private static Event nextBut(String seen, BlockingQueue<Event> events)
      throws InterruptedException {
    Event event = next(events);
    return seen.equals(event.message().id()) ? next(events) : event;
  }

  /** go-micro says that it has subscribed before it has: an event that a queue takes shows it. */
  private void publishUntilTaken(Message event) {
    for (int i = 0; i < 10_000; i++) {
      try {
        broker.publish(topic, event).await();
        return;
      } catch (RpcException nobodyYet) {
        assertEquals(404, nobodyYet.code());
      }
    }
    throw new AssertionError("go-micro does not subscribe");
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void goMicroReadsWhatWePublish(String program) throws Exception {
    connect(Raw.options(server).setMandatory(true));
    try (GoEvents goMicro = goMicro(program, "-topic", topic)) {
      Message event =
          Message.event(topic)
              .id("4f5a")
              .contentType("application/json")
              .headers(Metadata.of("X-Trace", "é日本"))
              .body(Buffer.buffer("{\"a\":1}"))
              .build();

      publishUntilTaken(event);

      JsonObject got = goMicro.next();
      assertEquals(topic, got.getString("topic"));
      assertEquals(
          new JsonObject()
              .put("Micro-Id", "4f5a")
              .put("Micro-Topic", topic)
              .put("Content-Type", "application/json")
              .put("X-Trace", "é日本"),
          got.getJsonObject("header"));
      assertEquals("{\"a\":1}", new String(got.getBinary("body"), UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void weReadWhatGoMicroPublishes(String program) throws Exception {
    connect(Raw.options(server));
    BlockingQueue<Event> events = subscribe();
    try (GoEvents goMicro = goMicro(program)) {
      JsonObject header =
          new JsonObject()
              .put("Micro-Id", "7")
              .put("Micro-Topic", "another")
              .put("Content-Type", "application/json")
              .put("X-Html", "<a&b>");

      goMicro.publish(topic, header, "[\"é\"]".getBytes(UTF_8));
      goMicro.publish(topic, null, new byte[0]);

      Event event = next(events);
      assertEquals("7", event.message().id());
      assertEquals("another", event.message().target());
      assertEquals("<a&b>", event.message().headers().get("X-Html"));
      assertEquals(List.of("é"), event.body(List.class));
      assertEquals(Message.event(topic).build(), next(events).message());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void sharesAQueueGroupWithGoMicro(String program) throws Exception {
    connect(Raw.options(server).setMandatory(true));
    try (GoEvents goMicro = goMicro(program, "-topic", topic, "-queue", "billing")) {
      publishUntilTaken(Message.event(topic).id("first").build());
      goMicro.next();
      BlockingQueue<Event> ours =
          subscribe(SubscribeOption.queue("billing"), SubscribeOption.prefetch(10));

      for (int i = 0; i < 200; i++) {
        broker.publish(topic, Message.event(topic).id("" + i).build()).await();
      }

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (ours.size() + goMicro.waiting() < 200 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertEquals(200, ours.size() + goMicro.waiting());
      assertTrue(!ours.isEmpty() && goMicro.waiting() > 0);
    }
  }

  /** Both declare the same queue, durable; what Go leaves there we get, and Go what we leave. */
  @ParameterizedTest
  @ValueSource(strings = {"events-v4", "events-v5"})
  void sharesADurableQueueWithGoMicro(String program) throws Exception {
    String group = "durable-" + topic;
    RabbitBrokerOptions options = Raw.durable(server).setExchange("micro").setMandatory(true);
    connect(options);
    try (GoEvents goMicro = goMicro(program, "-durable", "-topic", topic, "-queue", group)) {
      publishUntilTaken(Message.event(topic).id("ours").build());
      assertEquals("ours", goMicro.next().getJsonObject("header").getString("Micro-Id"));
    }
    broker.publish(topic, Message.event(topic).id("left").build()).await();

    BlockingQueue<Event> events = subscribe(SubscribeOption.queue(group));
    assertEquals("left", nextBut("ours", events).message().id());
    try (GoEvents goMicro = goMicro(program, "-durable")) {
      goMicro.publish(topic, new JsonObject().put("Micro-Id", "theirs"), "x".getBytes(UTF_8));
      assertEquals("theirs", next(events).message().id());
    }

    Raw.use(server, channel -> channel.queueDelete(group));
  }
}
