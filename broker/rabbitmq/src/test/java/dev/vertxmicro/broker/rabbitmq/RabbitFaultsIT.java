// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server, or somebody on it, that does what one does not wish for; and what is made of that. */
class RabbitFaultsIT {

  private final Vertx vertx = Vertx.vertx();
  private final RabbitServer server = RabbitServer.shared();
  private final String topic = "faults." + new Random().nextInt(Integer.MAX_VALUE);
  private final List<RabbitBroker> brokers = new ArrayList<>();

  @AfterEach
  void stop() {
    brokers.forEach(broker -> await(broker.close()));
    await(vertx.close());
    Raw.use(server, channel -> channel.queueDelete(topic));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  private static RpcException failureOf(Future<?> future) {
    return assertThrows(RpcException.class, () -> await(future));
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(30, TimeUnit.SECONDS);
    assertNotNull(next, "nothing came in time");
    return next;
  }

  private RabbitBroker connected(RabbitBrokerOptions options) {
    RabbitBroker broker =
        RabbitBroker.create(vertx, options.setReconnectWait(Duration.ofMillis(20)));
    brokers.add(broker);
    await(broker.connect());
    return broker;
  }

  private Message event(int number) {
    return Message.event(topic)
        .id("id-" + number)
        .contentType("text/plain")
        .body(Buffer.buffer("" + number))
        .build();
  }

  private Future<Void> publish(RabbitBroker broker, int number) {
    return broker.publish(topic, event(number));
  }

  private BlockingQueue<Event> subscribe(RabbitBroker broker, SubscribeOption... options) {
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

  private static int number(Event event) {
    return Integer.parseInt(event.body(String.class));
  }

  /** Publishes 1, 2, 3... until one is taken, which needs {@code mandatory}. */
  private int publishUntilTaken(RabbitBroker broker) {
    for (int number = 1; number < 100_000; number++) {
      try {
        await(publish(broker, number));
        return number;
      } catch (RpcException nobodyYet) {
        assertTrue(List.of(404, 503).contains(nobodyYet.code()), nobodyYet::toString);
      }
    }
    throw new AssertionError("nobody takes it");
  }

  // ---- The server cuts something off

  @Test
  void aQueueThatIsDeletedIsMadeAgain() throws Exception {
    RabbitBroker broker = connected(Raw.options(server).setMandatory(true));
    BlockingQueue<Event> events = subscribe(broker, SubscribeOption.queue(topic));
    await(publish(broker, 0));
    assertEquals(0, number(next(events)));

    Raw.use(server, channel -> channel.queueDelete(topic));

    int taken = publishUntilTaken(broker);
    assertEquals(taken, number(next(events)));
  }

  /** The queue is gone, so nobody else will ever get what it had sent. */
  @Test
  void whatADeletedQueueHadSentIsHandledStill() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    BlockingQueue<Event> events =
        subscribe(
            broker,
            SubscribeOption.queue(topic),
            SubscribeOption.manualAck(),
            SubscribeOption.redeliveryDelay(Duration.ZERO));
    IntStream.range(0, 3).forEach(number -> await(publish(broker, number)));
    Event first = next(events);
    List<Event> rest = List.of(next(events), next(events));

    Raw.use(server, channel -> channel.queueDelete(topic));
    awaitConsumers(1);

    await(first.nack());
    Event again = next(events);
    assertEquals(2, again.attempt());
    assertEquals(first.message(), again.message());
    await(again.ack());
    rest.forEach(event -> await(event.ack()));
  }

  private void awaitConsumers(int count) {
    for (int i = 0; i < 1_000; i++) {
      int[] consumers = new int[1];
      try {
        Raw.use(
            server,
            channel -> consumers[0] = channel.queueDeclarePassive(topic).getConsumerCount());
      } catch (AssertionError noQueueYet) {
        consumers[0] = -1;
      }
      if (consumers[0] == count) {
        return;
      }
    }
    throw new AssertionError("not " + count + " consumers");
  }

  @Test
  void aSubscriptionWhoseChannelIsClosedStandsAgain() throws Exception {
    RabbitBroker broker = connected(Raw.options(server).setMandatory(true));
    BlockingQueue<Event> events = subscribe(broker);
    await(publish(broker, 0));
    assertEquals(0, number(next(events)));

    closeChannelsOfConsumers();

    int taken = publishUntilTaken(broker);
    Event event = next(events);
    while (number(event) < taken) {
      event = next(events); // The server may have been slower than the first publishes.
    }
    assertEquals(taken, number(event));
  }

  /** As if a client had acknowledged what it never got. */
  private void closeChannelsOfConsumers() {
    server.eval(
        "[rabbit_channel:do(C, {'basic.ack', 99999, false}) || C <- rabbit_channel:list(),"
            + " [{consumer_count, N}] <- [rabbit_channel:info(C, [consumer_count])], N > 0].");
  }

  @Test
  void whatAHandlerHasWhenItsChannelIsClosedComesAgain() throws Exception {
    RabbitBroker broker = connected(Raw.durable(server));
    BlockingQueue<Event> events =
        subscribe(broker, SubscribeOption.queue(topic), SubscribeOption.manualAck());
    await(publish(broker, 0));
    await(publish(broker, 1));
    List<Event> held = List.of(next(events), next(events));

    closeChannelsOfConsumers();

    List<Event> again = List.of(next(events), next(events));
    again.forEach(event -> assertEquals(2, event.attempt()));
    RpcException lost = failureOf(held.get(0).ack());
    assertEquals(503, lost.code());
    assertTrue(lost.detail().contains("delivered again"), lost::detail);
    // To give back what the server has taken back is nothing to be told of.
    await(held.get(1).nack());
    again.forEach(event -> await(event.ack()));
    await(publish(broker, 2));
    Event third = next(events);
    assertEquals(2, number(third));
    await(third.ack());
    awaitUnacknowledged(0);
  }

  /** Its queue is its own and ends with the channel: nobody else will get what has come. */
  @Test
  void whatASubscriptionWithoutAGroupHasReceivedIsHandledStill() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    BlockingQueue<Promise<Void>> running = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
    Subscription subscription =
        await(
            broker.subscribe(
                topic,
                event -> {
                  begun.add(number(event));
                  Promise<Void> promise = Promise.promise();
                  running.add(promise);
                  return promise.future();
                }));
    IntStream.range(0, 10).forEach(number -> await(publish(broker, number)));
    awaitPending(subscription, 10);

    closeChannelsOfConsumers();
    awaitNoChannelOfConsumers();

    for (int number = 0; number < 10; number++) {
      assertEquals(number, next(begun));
      next(running).complete();
    }
    await(subscription.close());
    assertEquals(0, subscription.lost());
  }

  private static void awaitPending(Subscription subscription, int count) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (subscription.pending() < count && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(count, subscription.pending());
  }

  /** A new one has another number of deliveries under way: none. */
  private void awaitNoChannelOfConsumers() {
    String count = "";
    for (int i = 0; i < 50 && !count.equals("0"); i++) {
      count =
          server.eval(
              "length([C || C <- rabbit_channel:list(), [{messages_unacknowledged, N}] <-"
                  + " [rabbit_channel:info(C, [messages_unacknowledged])], N > 0]).");
    }
    assertEquals("0", count);
  }

  @Test
  void connectionsThatTheServerClosesAreMadeAgain() throws Exception {
    RabbitBroker broker = connected(Raw.options(server).setMandatory(true));
    BlockingQueue<Event> events = subscribe(broker);
    await(publish(broker, 0));
    assertEquals(0, number(next(events)));

    server.eval("rabbit_networking:close_all_connections(<<\"test\">>).");

    int taken = publishUntilTaken(broker);
    Event event = next(events);
    while (number(event) < taken) {
      event = next(events);
    }
    assertEquals(taken, number(event));
  }

  @Test
  void aPublishToADeletedExchangeIsRefusedAndTheExchangeMadeAgain() {
    String exchange = "gone-" + topic;
    RabbitBroker broker = connected(Raw.options(server).setExchange(exchange));
    Raw.use(server, channel -> channel.exchangeDelete(exchange));

    RpcException refused = failureOf(publish(broker, 1));

    assertEquals(404, refused.code());
    assertEquals(Processed.REFUSED, refused.processed());
    assertTrue(refused.detail().contains(exchange), refused::detail);
    await(publish(broker, 2));
    Raw.use(server, channel -> channel.exchangeDelete(exchange));
  }

  @Test
  void whatIsInFlightWithARefusedPublishIsUnknown() {
    String exchange = "gone-" + topic;
    RabbitBroker broker = connected(Raw.options(server).setExchange(exchange));
    Raw.use(server, channel -> channel.exchangeDelete(exchange));

    List<Future<Void>> published =
        IntStream.range(0, 100).mapToObj(number -> publish(broker, number)).toList();

    for (Future<Void> each : published) {
      try {
        await(each); // Behind the one that was refused, on the next channel.
      } catch (RpcException failure) {
        assertEquals(404, failure.code());
        assertTrue(failure.processed() != Processed.NOT_SENT, failure::toString);
      }
    }
    assertTrue(published.get(0).failed());
    Raw.use(server, channel -> channel.exchangeDelete(exchange));
  }

  // ---- The server is low on memory

  @Test
  void whileTheServerBlocksPublishersTheyWaitAndEventsAreAcknowledged() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    RabbitBroker impatient = connected(Raw.options(server).setBufferSize(0));
    BlockingQueue<Event> events =
        subscribe(broker, SubscribeOption.queue(topic), SubscribeOption.manualAck());
    await(publish(broker, 0));
    await(publish(impatient, 1));
    List<Event> held = List.of(next(events), next(events));
    server.memoryAlarm(true);
    try {
      awaitBlocked(broker);
      awaitBlocked(impatient);

      RpcException late =
          failureOf(broker.publish(topic, event(2), PublishOption.timeout(Duration.ofMillis(100))));
      assertEquals(408, late.code());
      assertEquals(Processed.NOT_SENT, late.processed());
      assertTrue(late.detail().contains("blocks publishers: low on memory"), late::detail);
      assertEquals(503, failureOf(publish(impatient, 3)).code());
      held.forEach(event -> await(event.ack()));
      awaitUnacknowledged(0);
      Future<Void> waits =
          broker.publish(topic, event(4), PublishOption.timeout(Duration.ofMinutes(1)));
      server.memoryAlarm(false);
      await(waits);
    } finally {
      server.memoryAlarm(false);
    }
    Event event = next(events);
    while (number(event) != 4) {
      event = next(events);
    }
    await(publish(impatient, 5));
  }

  /** The server blocks whoever publishes after the alarm: the first ones are unconfirmed. */
  private void awaitBlocked(RabbitBroker broker) {
    for (int i = 0; i < 100; i++) {
      RpcException failure =
          failureOf(broker.publish(topic, event(-1), PublishOption.timeout(Duration.ofMillis(50))));
      if (failure.processed() == Processed.NOT_SENT) {
        return;
      }
    }
    throw new AssertionError("not blocked");
  }

  private void awaitUnacknowledged(int count) {
    String question =
        "{ok, Q} = rabbit_amqqueue:lookup({resource, <<\"/\">>, queue, <<\""
            + topic
            + "\">>}), rabbit_amqqueue:info(Q, [messages_unacknowledged]).";
    String expected = "[{messages_unacknowledged," + count + "}]";
    String said = "";
    for (int i = 0; i < 50 && !said.equals(expected); i++) {
      said = server.eval(question);
    }
    assertEquals(expected, said);
  }

  @Test
  void closesThoughTheServerReadsNothing() {
    RabbitBroker broker =
        RabbitBroker.create(vertx, Raw.options(server).setCloseTimeout(Duration.ofMillis(200)));
    await(broker.connect());
    server.memoryAlarm(true);
    try {
      awaitBlocked(broker);
      Future<Void> waits = publish(broker, 1);

      await(broker.close());

      assertEquals(Processed.NOT_SENT, failureOf(waits).processed());
    } finally {
      server.memoryAlarm(false);
    }
  }

  /** More than sockets hold: the writer itself is stuck when the broker closes. */
  @Test
  void closesThoughAWriteIsStuck() {
    RabbitBroker broker =
        RabbitBroker.create(vertx, Raw.options(server).setCloseTimeout(Duration.ofMillis(500)));
    await(broker.connect());
    await(publish(broker, 0));
    server.memoryAlarm(true);
    try {
      Message large = Message.event(topic).body(Buffer.buffer(new byte[16 << 20])).build();
      List<Future<Void>> published =
          IntStream.range(0, 4).mapToObj(i -> broker.publish(topic, large)).toList();

      await(broker.close());

      published.forEach(each -> assertTrue(each.failed() || failureOf(each) != null));
    } finally {
      server.memoryAlarm(false);
    }
  }

  // ---- Publishes that cannot be

  @Test
  void aMandatoryPublishThatNoQueueTakesIsRefused() throws Exception {
    RabbitBroker broker = connected(Raw.options(server).setMandatory(true));

    List<Future<Void>> nobody =
        IntStream.range(0, 100).mapToObj(number -> publish(broker, number)).toList();

    for (Future<Void> each : nobody) {
      RpcException refused = failureOf(each);
      assertEquals(404, refused.code());
      assertEquals(Processed.REFUSED, refused.processed());
    }
    BlockingQueue<Event> events = subscribe(broker);
    await(publish(broker, 7));
    assertEquals(7, number(next(events)));
  }

  @Test
  void whatIsLargerThanAllowedFailsWithoutHarm() {
    RabbitBroker broker = connected(Raw.options(server).setMaxMessageBytes(1_000));
    Message large = Message.event(topic).body(Buffer.buffer(new byte[1_001])).build();

    RpcException refused = failureOf(broker.publish(topic, large));

    assertEquals(400, refused.code());
    assertEquals(Processed.NOT_SENT, refused.processed());
    await(publish(broker, 1));
  }

  @Test
  void whatIsLargerThanTheServerAllowsIsRefusedByIt() {
    String before = server.eval("application:get_env(rabbit, max_message_size).");
    server.eval("application:set_env(rabbit, max_message_size, 1000).");
    try {
      RabbitBroker broker = connected(Raw.options(server));
      Message large = Message.event(topic).body(Buffer.buffer(new byte[1_001])).build();

      RpcException refused = failureOf(broker.publish(topic, large));

      assertEquals(412, refused.code());
      assertEquals(Processed.REFUSED, refused.processed());
      await(publish(broker, 1));
    } finally {
      String size = before.replaceAll("\\D", "");
      server.eval(
          "application:set_env(rabbit, max_message_size, "
              + (size.isEmpty() ? "134217728" : size)
              + ").");
    }
  }

  @Test
  void headersThatAmqpCannotCarryFailWithoutHarm() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    BlockingQueue<Event> events = subscribe(broker);
    List<Metadata> unfit =
        List.of(Metadata.of("x".repeat(256), "1"), Metadata.of("X-Large", "x".repeat(200_000)));

    List<Future<Void>> published = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Message bad = event(-1).withHeaders(unfit.get(i % 2));
      published.add(broker.publish(topic, bad));
      published.add(publish(broker, i));
    }

    for (int i = 0; i < 50; i++) {
      RpcException refused = failureOf(published.get(2 * i));
      assertEquals(400, refused.code());
      assertEquals(Processed.NOT_SENT, refused.processed());
      await(published.get(2 * i + 1));
      assertEquals(i, number(next(events)));
    }
    assertThrows(IllegalArgumentException.class, () -> broker.publish("x".repeat(256), event(1)));
  }

  // ---- Subscriptions that cannot be

  @Test
  void aQueueThatIsAnotherIsReportedAndLeavesNothing() {
    Raw.use(server, channel -> channel.queueDeclare(topic, true, false, false, null));
    RabbitBroker broker = connected(Raw.options(server));
    await(broker.subscribe("other." + topic, event -> Future.succeededFuture()));
    String channels = server.eval("length(rabbit_channel:list()).");

    RpcException refused =
        failureOf(
            broker.subscribe(
                topic, event -> Future.succeededFuture(), SubscribeOption.queue(topic)));

    assertEquals(412, refused.code());
    assertTrue(refused.detail().contains("PRECONDITION_FAILED"), refused::detail);
    assertEquals(channels, server.eval("length(rabbit_channel:list())."));
  }

  @Test
  void aQueueGroupHasOneTopicUnlessQueuesAreNamedByIt() {
    RabbitBroker broker = connected(Raw.options(server));
    subscribe(broker, SubscribeOption.queue(topic));
    subscribe(broker, SubscribeOption.queue(topic));

    RpcException refused =
        failureOf(
            broker.subscribe(
                "other", event -> Future.succeededFuture(), SubscribeOption.queue(topic)));

    assertEquals(412, refused.code());
    assertTrue(refused.detail().contains("queuePerTopic"), refused::detail);
    RabbitBroker named = connected(Raw.options(server).setQueuePerTopic(true));
    for (String each : List.of("one", "two")) {
      await(named.subscribe(each, event -> Future.succeededFuture(), SubscribeOption.queue(topic)));
    }
  }

  // ---- Events that nobody can handle

  private RabbitBrokerOptions withDeadLetters() {
    return Raw.options(server).setDeadLetterTopic("dead." + topic);
  }

  @Test
  void whatIsGivenUpGoesToTheDeadLetters() throws Exception {
    RabbitBroker broker = connected(withDeadLetters());
    BlockingQueue<Event> dead = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            "dead." + topic,
            event -> {
              dead.add(event);
              return Future.succeededFuture();
            }));
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            topic,
            event -> {
              attempts.add(event.attempt());
              return Future.failedFuture("out of stock");
            },
            SubscribeOption.queue(topic),
            SubscribeOption.maxDeliveries(2),
            SubscribeOption.redeliveryDelay(Duration.ofMillis(10)),
            SubscribeOption.onLoss(losses::add)));

    await(publish(broker, 7));

    Event letter = next(dead);
    assertEquals("id-7", letter.message().id());
    assertEquals(topic, letter.message().target());
    assertEquals(7, number(letter));
    String reason = letter.message().headers().get("Micro-Dead-Reason");
    assertTrue(reason.contains("out of stock"), reason);
    assertEquals(List.of(1, 2), List.copyOf(attempts));
    assertEquals(GrpcStatus.ABORTED, next(losses).error().grpcStatus());
    awaitUnacknowledged(0);
  }

  @Test
  void whatCannotBeReadGoesToTheDeadLettersAsItIs() throws Exception {
    RabbitBroker broker = connected(withDeadLetters());
    subscribe(broker, SubscribeOption.onLoss(loss -> {}));
    byte[] compressed = {1, 0, 0, 0, 1, 7};
    Raw.use(
        server,
        channel -> {
          String letters = channel.queueDeclare().getQueue();
          channel.queueBind(letters, "micro", "dead." + topic);

          channel.basicPublish(
              "micro",
              topic,
              new BasicProperties.Builder()
                  .headers(Map.of("Content-Type", "application/grpc"))
                  .build(),
              compressed);

          GetResponse letter = null;
          for (int i = 0; letter == null && i < 10_000; i++) {
            letter = channel.basicGet(letters, true);
          }
          assertNotNull(letter);
          assertEquals(Buffer.buffer(compressed), Buffer.buffer(letter.getBody()));
          Map<String, Object> headers = letter.getProps().getHeaders();
          assertEquals("application/grpc", headers.get("Content-Type").toString());
          assertEquals(topic, headers.get("Micro-Topic").toString());
          assertTrue(headers.get("Micro-Dead-Reason").toString().startsWith("unreadable"));
        });
  }

  /** It stays with its queue until a queue takes it as a dead letter. */
  @Test
  void aDeadLetterThatNoQueueTakesIsNotLost() throws Exception {
    RabbitBroker broker = connected(withDeadLetters());
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            topic,
            event -> Future.failedFuture("never"),
            SubscribeOption.queue(topic),
            SubscribeOption.maxDeliveries(1),
            SubscribeOption.onLoss(losses::add)));
    await(publish(broker, 1));
    next(losses);
    next(losses); // Given up once more, having come again.

    BlockingQueue<Event> dead = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            "dead." + topic,
            event -> {
              dead.add(event);
              return Future.succeededFuture();
            }));

    assertEquals("id-1", next(dead).message().id());
    awaitUnacknowledged(0);
  }

  // ---- Events that come again

  @Test
  void anEventOfASubscriberThatVanishedGoesToAnother() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Connection vanishing = Raw.connect(server);
    BlockingQueue<String> theirs = new LinkedBlockingQueue<>();
    com.rabbitmq.client.Channel channel = vanishing.createChannel();
    channel.queueDeclare(topic, false, false, true, null);
    channel.queueBind(topic, "micro", topic);
    channel.basicConsume(
        topic, false, (tag, message) -> theirs.add(new String(message.getBody(), UTF_8)), t -> {});
    await(publish(broker, 1));
    assertEquals("1", next(theirs));
    events = subscribe(broker, SubscribeOption.queue(topic));

    vanishing.abort();

    Event event = next(events);
    assertEquals(1, number(event));
    assertEquals(2, event.attempt());
  }

  @Test
  void whatAMemberHoldsWhenItClosesGoesToAnother() throws Exception {
    RabbitBroker broker = connected(Raw.options(server));
    BlockingQueue<Event> held = new LinkedBlockingQueue<>();
    Subscription closing =
        await(
            broker.subscribe(
                topic,
                event -> {
                  held.add(event);
                  return Future.succeededFuture();
                },
                SubscribeOption.queue(topic),
                SubscribeOption.manualAck()));
    IntStream.range(0, 10).forEach(number -> await(publish(broker, number)));
    for (int i = 0; i < 10; i++) {
      next(held);
    }
    BlockingQueue<Event> events = subscribe(broker, SubscribeOption.queue(topic));

    await(closing.close());

    for (int i = 0; i < 10; i++) {
      next(events);
    }
    assertEquals(0, closing.lost());
  }

  @Test
  void aDurableQueueGroupGoesOnWhereItStopped() throws Exception {
    RabbitBroker broker = connected(Raw.durable(server));
    Subscription first =
        await(
            broker.subscribe(
                topic, event -> Future.succeededFuture(), SubscribeOption.queue(topic)));
    await(first.close());

    IntStream.range(0, 10).forEach(number -> await(publish(broker, number)));
    BlockingQueue<Event> events = subscribe(broker, SubscribeOption.queue(topic));

    for (int number = 0; number < 10; number++) {
      assertEquals(number, number(next(events)));
    }
  }

  @Test
  void aQuorumQueueCountsDeliveries() throws Exception {
    RabbitBroker broker =
        connected(
            Raw.durable(server).setQueueArguments(new JsonObject().put("x-queue-type", "quorum")));
    BlockingQueue<Event> events =
        subscribe(broker, SubscribeOption.queue(topic), SubscribeOption.manualAck());
    await(publish(broker, 1));
    assertEquals(1, next(events).attempt());

    closeChannelsOfConsumers();
    assertEquals(2, next(events).attempt());
    closeChannelsOfConsumers();

    Event third = next(events);
    assertEquals(3, third.attempt());
    await(third.ack());
  }

  @Test
  void aDurableSubscriptionWithoutAGroupLosesNothingWithItsConnection() throws Exception {
    String queues =
        "length([Q || Q <- rabbit_amqqueue:list_names(), element(4, Q) >= <<\"micro.\">>,"
            + " element(4, Q) < <<\"micro/\">>]).";
    int others = Integer.parseInt(server.eval(queues));
    RabbitBroker broker = connected(Raw.durable(server));
    RabbitBroker publisher = connected(Raw.durable(server).setMandatory(true));
    BlockingQueue<Event> events = subscribe(broker);
    assertEquals("" + (others + 1), server.eval(queues));

    closeChannelsOfConsumers();
    for (int number = 0; number < 10; number++) {
      await(publish(publisher, number));
    }

    for (int number = 0; number < 10; number++) {
      assertEquals(number, number(next(events)));
    }
    await(broker.close());
    assertEquals("" + others, server.eval(queues));
  }
}
