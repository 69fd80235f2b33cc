// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bytes on NATS, written and read by jnats as it is. */
class NatsWireIT {

  private static final Duration WAIT = Duration.ofSeconds(20);

  private static NatsServer server;
  private static Vertx vertx;
  private static Connection raw;
  private static NatsBroker broker;

  @BeforeAll
  static void start() throws Exception {
    server = NatsServer.start();
    vertx = Vertx.vertx();
    raw = Nats.connect(server.url());
    broker = NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
    broker.connect().await();
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      broker.close().await();
      raw.close();
      vertx.close().await();
      server.close();
    }
  }

  @Test
  void writesWhatGoMicroReads() throws Exception {
    Subscription captured = raw.subscribe("written");
    raw.flush(WAIT);
    Message event =
        Message.event("written")
            .id("4f5a")
            .contentType("application/json")
            .headers(Metadata.of("X-Trace", "1"))
            .body(Buffer.buffer("{\"a\":1}"))
            .build();

    broker.publish("written", event).await();

    io.nats.client.Message bytes = captured.nextMessage(WAIT);
    assertEquals(
        "{\"Header\":{\"X-Trace\":\"1\",\"Micro-Id\":\"4f5a\",\"Micro-Topic\":\"written\","
            + "\"Content-Type\":\"application/json\"},\"Body\":\"eyJhIjoxfQ==\"}",
        new String(bytes.getData(), UTF_8));
    assertFalse(bytes.hasHeaders());
    assertNull(bytes.getReplyTo());
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

  private static Event next(BlockingQueue<Event> events) throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertNotNull(event, "nothing came in time");
    return event;
  }

  /** As a mucp client of go-micro v4.11 and as a gRPC client write the same event. */
  @Test
  void readsFramedAndRawBodies() throws Exception {
    BlockingQueue<Event> events = subscribe("read");
    byte[] framed = {0, 0, 0, 0, 4, 10, 2, 'h', 'i'};
    byte[] bare = {10, 2, 'h', 'i'};
    for (byte[] body : new byte[][] {framed, bare}) {
      raw.publish(
          "read",
          ("{\"Header\":{\"Content-Type\":\"application/grpc+proto\",\"Micro-ID\":\"7\","
                  + "\"Micro-Topic\":\"read\"},\"Body\":\""
                  + Base64.getEncoder().encodeToString(body)
                  + "\"}")
              .getBytes(UTF_8));
    }

    for (int i = 0; i < 2; i++) {
      Event event = next(events);
      assertEquals(Buffer.buffer(bare), event.message().body());
      assertEquals("7", event.message().id());
      assertEquals("application/grpc+proto", event.message().contentType());
    }
  }

  @Test
  void joinsTheQueueGroupOfOthers() throws Exception {
    BlockingQueue<Event> events = subscribe("shared", SubscribeOption.queue("workers"));
    Subscription other = raw.subscribe("shared", "workers");
    raw.flush(WAIT);

    for (int i = 0; i < 200; i++) {
      broker.publish("shared", Message.event("shared").id("" + i).build()).await();
    }

    int ours = 0;
    int theirs = 0;
    while (ours + theirs < 200) {
      if (other.nextMessage(Duration.ofMillis(1)) != null) {
        theirs++;
      }
      ours += events.drainTo(new java.util.ArrayList<>());
    }
    assertEquals(200, ours + theirs);
    assertFalse(ours == 0 || theirs == 0, ours + " and " + theirs);
  }

  @Test
  void subscribesToManyTopicsAtOnce() throws Exception {
    BlockingQueue<Event> events = subscribe("many.*");

    IntStream.range(0, 3)
        .forEach(i -> broker.publish("many." + i, Message.event("many." + i).build()).await());

    for (int i = 0; i < 3; i++) {
      Event event = next(events);
      assertEquals("many.*", event.topic());
      assertEquals("many." + i, event.message().target());
    }
  }

  /** An event without a Micro-Topic is of the subject that it came on. */
  @Test
  void takesTheSubjectForATopic() throws Exception {
    BlockingQueue<Event> events = subscribe("bare.*");

    raw.publish("bare.one", "{\"Header\":null,\"Body\":null}".getBytes(UTF_8));

    assertEquals("bare.one", next(events).message().target());
  }
}
