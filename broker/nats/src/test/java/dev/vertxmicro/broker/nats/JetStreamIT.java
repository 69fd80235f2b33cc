// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.ConsumerInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What JetStream adds: events that wait, and events that nobody could handle. */
class JetStreamIT {

  private final Vertx vertx = Vertx.vertx();
  private final NatsServer server = NatsServer.start();

  @AfterEach
  void stop() {
    vertx.close().await();
    server.close();
  }

  private NatsBroker connected(JetStreamOptions stream) {
    NatsBroker broker =
        NatsBroker.create(
            vertx, new NatsBrokerOptions().setServers(List.of(server.url())).setJetStream(stream));
    broker.connect().await();
    return broker;
  }

  private static JetStreamOptions stream() {
    return new JetStreamOptions().setSubjects(List.of("orders.>", "dead"));
  }

  private static void publish(NatsBroker broker, int number) {
    broker.publish("orders.new", Message.event("orders.new").id("" + number).build()).await();
  }

  private static Subscription keep(
      NatsBroker broker, BlockingQueue<Event> events, String topic, SubscribeOption... options) {
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

  @Test
  void aQueueGroupGoesOnWhereItStopped() throws Exception {
    NatsBroker broker = connected(stream());
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    keep(broker, events, "orders.new", SubscribeOption.queue("billing")).close().await();

    IntStream.range(0, 10).forEach(number -> publish(broker, number));
    keep(broker, events, "orders.new", SubscribeOption.queue("billing"));

    for (int number = 0; number < 10; number++) {
      assertEquals("" + number, next(events).message().id());
    }
    broker.close().await();
  }

  @Test
  void aSubscriptionWithoutAQueueEndsWithItsClose() throws Exception {
    NatsBroker broker = connected(stream());
    Subscription subscription = keep(broker, new LinkedBlockingQueue<>(), "orders.new");
    assertEquals(1, consumers());

    subscription.close().await();

    for (int i = 0; i < 2_000 && consumers() > 0; i++) {
      Thread.onSpinWait();
    }
    assertEquals(0, consumers());
    broker.close().await();
  }

  private int consumers() throws Exception {
    Connection raw = Nats.connect(server.url());
    try {
      return raw.jetStreamManagement().getConsumerNames("events").size();
    } finally {
      raw.close();
    }
  }

  @Test
  void startsAtTheFirstEventIfAsked() throws Exception {
    NatsBroker broker = connected(stream().setStart(JetStreamOptions.Start.ALL));
    publish(broker, 1);
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    keep(broker, events, "orders.new");

    assertEquals("1", next(events).message().id());
    broker.close().await();
  }

  @Test
  void whatIsGivenUpGoesToTheDeadLetters() throws Exception {
    NatsBroker broker = connected(stream().setDeadLetterTopic("dead"));
    BlockingQueue<Event> dead = new LinkedBlockingQueue<>();
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    keep(broker, dead, "dead");
    broker
        .subscribe(
            "orders.new",
            event -> {
              attempts.add(event.attempt());
              return Future.failedFuture("out of stock");
            },
            SubscribeOption.queue("billing"),
            SubscribeOption.maxDeliveries(2),
            SubscribeOption.redeliveryDelay(Duration.ofMillis(10)),
            SubscribeOption.onLoss(losses::add))
        .await();

    publish(broker, 7);

    Event letter = next(dead);
    assertEquals("7", letter.message().id());
    assertEquals("orders.new", letter.message().target());
    assertEquals(List.of(1, 2), List.copyOf(attempts));
    assertEquals(GrpcStatus.ABORTED, next(losses).error().grpcStatus());
    awaitNothingPending();
    broker.close().await();
  }

  /** The group has neither the event nor an unsettled delivery of it any more. */
  private void awaitNothingPending() throws Exception {
    Connection raw = Nats.connect(server.url());
    try {
      String consumer = Names.consumer("billing", "orders.new");
      ConsumerInfo info = raw.jetStreamManagement().getConsumerInfo("events", consumer);
      for (int i = 0; i < 2_000 && info.getNumAckPending() > 0; i++) {
        info = raw.jetStreamManagement().getConsumerInfo("events", consumer);
      }
      assertEquals(0, info.getNumAckPending());
      assertEquals(0, info.getNumPending());
    } finally {
      raw.close();
    }
  }

  @Test
  void whatCannotBeReadGoesToTheDeadLettersAsItIs() throws Exception {
    NatsBroker broker = connected(stream().setDeadLetterTopic("dead"));
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    keep(
        broker,
        new LinkedBlockingQueue<>(),
        "orders.new",
        SubscribeOption.queue("billing"),
        SubscribeOption.onLoss(losses::add));
    Connection raw = Nats.connect(server.url());
    try {
      io.nats.client.Subscription dead = raw.subscribe("dead");
      raw.flush(Duration.ofSeconds(20));

      raw.publish("orders.new", "garbage".getBytes(UTF_8));

      io.nats.client.Message letter = dead.nextMessage(Duration.ofSeconds(20));
      assertEquals("garbage", new String(letter.getData(), UTF_8));
      assertTrue(letter.getHeaders().getFirst("Micro-Dead-Reason").startsWith("unreadable"));
      assertEquals(400, next(losses).error().code());
    } finally {
      raw.close();
    }
    broker.close().await();
  }

  @Test
  void anEventOfASubscriberThatVanishedGoesToAnother() throws Exception {
    NatsBroker broker = connected(stream().setAckWait(Duration.ofMillis(500)));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    keep(broker, events, "orders.new", SubscribeOption.queue("billing")).close().await();
    publish(broker, 1);
    Connection vanishing = Nats.connect(server.url());
    try {
      String consumer = Names.consumer("billing", "orders.new");
      PullSubscribeOptions bind = PullSubscribeOptions.bind("events", consumer);
      assertEquals(
          1, vanishing.jetStream().subscribe(null, bind).fetch(1, Duration.ofSeconds(20)).size());
    } finally {
      vanishing.close();
    }

    keep(broker, events, "orders.new", SubscribeOption.queue("billing"));

    assertEquals(2, next(events).attempt());
    broker.close().await();
  }

  @Test
  void aLongHandlerKeepsItsEvent() throws Exception {
    NatsBroker broker = connected(stream().setAckWait(Duration.ofMillis(300)));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    keep(
        broker,
        events,
        "orders.new",
        SubscribeOption.queue("billing"),
        SubscribeOption.manualAck());
    publish(broker, 1);
    Event first = next(events);

    // Longer than ackWait; a signal of the server's clock, not of ours, would be a second delivery.
    assertEquals(null, events.poll(1_500, TimeUnit.MILLISECONDS));
    first.ack().await();
    broker.close().await();
  }

  @Test
  void aTopicThatNoStreamStoresIsRefused() {
    NatsBroker broker = connected(stream());

    RpcException published =
        assertThrows(
            RpcException.class,
            () -> broker.publish("elsewhere", Message.event("elsewhere").build()).await());
    RpcException subscribed =
        assertThrows(
            RpcException.class,
            () -> broker.subscribe("elsewhere", event -> Future.succeededFuture()).await());

    assertEquals(503, published.code());
    assertEquals(Processed.NOT_SENT, published.processed());
    assertEquals(Processed.NOT_SENT, subscribed.processed());
    broker.close().await();
  }

  @Test
  void aMissingStreamThatIsNotToBeCreatedIsSaid() {
    NatsBroker broker = connected(new JetStreamOptions().setStream("none"));

    RpcException failure =
        assertThrows(
            RpcException.class,
            () -> broker.subscribe("orders.new", event -> Future.succeededFuture()).await());

    assertTrue(failure.detail().contains("stream not found"), failure::toString);
    broker.close().await();
  }

  @Test
  void theServerDropsPublishesOfAnIdItHasSeen() throws Exception {
    NatsBroker broker = connected(stream().setMessageIds(true));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    keep(broker, events, "orders.new");

    List.of(1, 1, 2).forEach(number -> publish(broker, number));

    assertEquals("1", next(events).message().id());
    assertEquals("2", next(events).message().id());
    broker.close().await();
  }

  @Test
  void aSlowSubscriberIsSentNoMoreThanItHasRoomFor() throws Exception {
    NatsBroker broker = connected(stream());
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Subscription slow =
        keep(
            broker,
            events,
            "orders.new",
            SubscribeOption.queue("billing"),
            SubscribeOption.manualAck(),
            SubscribeOption.concurrency(4),
            SubscribeOption.prefetch(4));

    IntStream.range(0, 100).forEach(number -> publish(broker, number));

    for (int number = 0; number < 100; number++) {
      Event event = next(events);
      assertEquals(1, event.attempt());
      assertTrue(slow.pending() <= 4, () -> slow.pending() + " pending");
      event.ack().await();
    }
    assertEquals(0, slow.lost());
    broker.close().await();
  }
}
