// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Broker} does. Subclasses say how to get one and what it promises beyond the
 * least.
 *
 * <p>Events are awaited, never timed. That something is not delivered is shown by what comes after
 * it on the same way. Nothing here needs virtual time: brokers with real servers pass it as an IT,
 * whose server is up before {@link #open} is called. Topics are {@code contract.} and a number. The
 * server must take an event with a body of 1 MB.
 */
public abstract class BrokerContract {

  private static final int MANY = 1_000;

  private Vertx vertx;
  private final List<Broker> brokers = new ArrayList<>();
  private String topic;

  /** For subclasses. */
  protected BrokerContract() {}

  /** Returns a new broker on the topics of this test, not connected. */
  protected abstract Broker open(Vertx vertx);

  /** Tells whether a nack and a failed handler bring the event again. */
  protected abstract boolean redelivers();

  /** Returns the Vert.x instance of a test; closed after it. Default: a plain one. */
  protected Vertx newVertx() {
    return Vertx.vertx();
  }

  /**
   * Sends to {@code topic}, past any broker object, what no broker can read as an event.
   *
   * @return false, the default, if the broker has no wire on which that could come
   */
  protected boolean sendGarbage(String topic) {
    return false;
  }

  @BeforeEach
  final void start() {
    vertx = newVertx();
    topic = "contract." + new Random().nextLong(Long.MAX_VALUE);
  }

  @AfterEach
  final void stop() {
    brokers.forEach(broker -> await(broker.close()));
    await(vertx.close());
  }

  /** Returns the Vert.x instance of this test. */
  protected final Vertx vertx() {
    return vertx;
  }

  /** Returns a new broker, connected; closed after the test. */
  protected final Broker connected() {
    Broker broker = opened();
    await(broker.connect());
    return broker;
  }

  private Broker opened() {
    Broker broker = open(vertx);
    brokers.add(broker);
    return broker;
  }

  /** Returns the result of {@code future}, or throws its failure. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no result in time", e);
    }
  }

  private static RpcException failureOf(Future<?> future) {
    return assertThrows(RpcException.class, () -> await(future));
  }

  private static <T> T next(BlockingQueue<T> queue) {
    try {
      T next = queue.poll(20, TimeUnit.SECONDS);
      assertNotNull(next, "nothing came in time");
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Message event(int number) {
    return Message.event(topic)
        .id("id-" + number)
        .contentType("text/plain")
        .body(Buffer.buffer("" + number))
        .build();
  }

  private static int number(Event event) {
    return Integer.parseInt(event.body(String.class));
  }

  private void publish(Broker broker, int number) {
    await(broker.publish(topic, event(number)));
  }

  /** A subscriber that keeps what it gets. */
  private final class Inbox {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Subscription subscription;

    Inbox(Broker broker, SubscribeOption... options) {
      subscription = await(broker.subscribe(topic, this::keep, options));
    }

    private Future<Void> keep(Event event) {
      events.add(event);
      return Future.succeededFuture();
    }

    Event next() {
      return BrokerContract.next(events);
    }

    List<Integer> next(int count) {
      return IntStream.range(0, count).map(i -> number(next())).boxed().toList();
    }
  }

  @Test
  void publishesForAThreadThatIsInterrupted() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);

    Thread.currentThread().interrupt();
    Future<Void> published = broker.publish(topic, event(1));
    boolean stays = Thread.interrupted();
    await(published);
    publish(broker, 2);

    assertTrue(stays, "forgets that it was interrupted");
    assertEquals(Set.of(1, 2), Set.copyOf(inbox.next(2)));
  }

  @Test
  void publishesWithATimeoutThatNeverEnds() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);

    await(
        broker.publish(
            topic, event(1), options -> options.setTimeout(ChronoUnit.FOREVER.getDuration())));

    assertEquals(1, number(inbox.next()));
  }

  @Test
  void tellsWhetherItIsConnected() {
    Broker broker = opened();
    assertEquals(Connectivity.NEW, broker.connectivity());

    await(broker.connect());
    assertEquals(Connectivity.CONNECTED, broker.connectivity());

    await(broker.close());
    assertEquals(Connectivity.CLOSED, broker.connectivity());
  }

  @Test
  void closesWithItsSubscriptionsAfterItsVertx() {
    Broker broker = connected();
    Subscription subscription =
        await(broker.subscribe(topic, event -> Promise.<Void>promise().future()));
    await(broker.publish(topic, event(1)));

    await(vertx.close());

    await(subscription.close());
    await(broker.close());
  }

  @Test
  protected void nothingWorksBeforeItIsConnected() {
    Broker broker = opened();

    RpcException published = failureOf(broker.publish(topic, event(1)));
    RpcException subscribed = failureOf(broker.subscribe(topic, done -> Future.succeededFuture()));

    assertEquals(503, published.code());
    assertEquals(Processed.NOT_SENT, published.processed());
    assertEquals(503, subscribed.code());
  }

  @Test
  protected void nothingWorksAfterItIsClosed() {
    Broker broker = connected();
    await(broker.close());

    RpcException published = failureOf(broker.publish(topic, event(1)));

    assertEquals(503, published.code());
    assertEquals(Processed.NOT_SENT, published.processed());
    assertEquals(503, failureOf(broker.subscribe(topic, done -> Future.succeededFuture())).code());
    assertEquals(503, failureOf(broker.connect()).code());
  }

  @Test
  protected void connectsAndClosesTwice() {
    Broker broker = connected();

    await(broker.connect());
    await(broker.close());

    assertNull(await(broker.close()));
  }

  @Test
  protected void closesWithoutHavingBeenConnected() {
    Broker broker = opened();

    assertNull(await(broker.close()));
  }

  @Test
  protected void badArgumentsThrowAtOnce() {
    Broker broker = connected();
    Message request = Message.request("greeter", "Greeter.Hello").build();

    assertThrows(IllegalArgumentException.class, () -> broker.publish(" ", event(1)));
    assertThrows(IllegalArgumentException.class, () -> broker.publish(topic, request));
    assertThrows(
        IllegalArgumentException.class,
        () -> broker.subscribe("", done -> Future.succeededFuture()));
    assertThrows(NullPointerException.class, () -> broker.subscribe(topic, null));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            broker.subscribe(
                topic, done -> Future.succeededFuture(), SubscribeOption.concurrency(0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> broker.publish(topic, event(1), PublishOption.exchange("")));
  }

  @Test
  protected void publishesToNobody() {
    assertNull(await(connected().publish(topic, event(1))));
  }

  @Test
  protected void everySubscriberGetsEveryEvent() {
    Broker publisher = connected();
    Inbox one = new Inbox(connected());
    Inbox two = new Inbox(publisher);

    IntStream.range(0, 10).forEach(number -> publish(publisher, number));

    assertEquals(IntStream.range(0, 10).boxed().toList(), one.next(10));
    assertEquals(IntStream.range(0, 10).boxed().toList(), two.next(10));
  }

  @Test
  protected void oneOfAQueueGroupGetsEachEvent() {
    Broker publisher = connected();
    BlockingQueue<Integer> red = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> blue = new LinkedBlockingQueue<>();
    for (BlockingQueue<Integer> group : List.of(red, red, red, blue)) {
      await(
          connected()
              .subscribe(
                  topic,
                  event -> {
                    group.add(number(event));
                    return Future.succeededFuture();
                  },
                  SubscribeOption.queue(group == red ? "red" : "blue")));
    }
    Inbox all = new Inbox(publisher);

    IntStream.range(0, MANY).forEach(number -> publish(publisher, number));

    Set<Integer> numbers = new HashSet<>();
    IntStream.range(0, MANY).forEach(i -> assertTrue(numbers.add(next(red)), "delivered twice"));
    assertEquals(MANY, numbers.size());
    IntStream.range(0, MANY).forEach(i -> assertEquals(i, next(blue)));
    assertEquals(MANY, all.next(MANY).size());
    assertTrue(red.isEmpty());
  }

  @Test
  protected void keepsTheOrderOfAPublisher() {
    Broker publisher = connected();
    Inbox inbox = new Inbox(connected(), SubscribeOption.prefetch(10 * MANY));

    List<Future<Void>> published =
        IntStream.range(0, MANY)
            .mapToObj(number -> publisher.publish(topic, event(number)))
            .toList();
    await(Future.all(published));

    assertEquals(IntStream.range(0, MANY).boxed().toList(), inbox.next(MANY));
  }

  @Test
  protected void carriesTheWholeMessage() {
    Broker broker = connected();
    Inbox inbox = new Inbox(connected());
    byte[] bytes = new byte[1 << 20];
    new Random(5).nextBytes(bytes);
    Message message =
        Message.event(topic)
            .id("für-日本")
            .contentType("application/octet-stream")
            // By name: not every wire keeps another order.
            .headers(Metadata.of("authorization", "Bearer x", "X-Trace", "é日本"))
            .body(Buffer.buffer(bytes))
            .build();

    await(broker.publish(topic, message));
    Event event = inbox.next();

    assertEquals(message, event.message());
    assertEquals(topic, event.topic());
    assertEquals(1, event.attempt());
    assertNull(event.error());
    assertArrayEquals(bytes, event.body(byte[].class));
  }

  @Test
  protected void carriesAnEmptyBody() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);

    await(broker.publish(topic, Message.event(topic).id("1").build()));

    assertEquals(0, inbox.next().message().body().length());
  }

  @Test
  protected void readsTheBodyByItsContentType() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);
    Message json =
        Message.event(topic)
            .contentType("application/json")
            .body(Buffer.buffer("[\"a\",\"b\"]"))
            .build();

    await(broker.publish(topic, json));
    Event event = inbox.next();

    assertEquals(List.of("a", "b"), event.body(new TypeRef<List<String>>() {}));
    assertEquals(json.body(), event.body(Buffer.class));
  }

  @Test
  protected void publishesToAnExchangeAndSaysTheTopic() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);
    Message message = event(1).toBuilder().build();

    await(broker.publish("another", message, PublishOption.exchange(topic)));
    Event event = inbox.next();

    assertEquals(topic, event.topic());
    assertEquals(topic, event.message().target());
    await(broker.publish(topic, event(2), PublishOption.exchange("another." + topic)));
    publish(broker, 3);
    assertEquals(3, number(inbox.next()));
  }

  @Test
  protected void anUnreadableEventIsReportedAndTheNextIsHandled() {
    Broker broker = connected();
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> handled = new LinkedBlockingQueue<>();
    await(
        broker.subscribe(
            topic,
            event -> {
              handled.add(event.body(Integer.class));
              return Future.succeededFuture();
            },
            SubscribeOption.onLoss(losses::add)));

    for (String body : List.of("1", "{", "2")) {
      Message message =
          Message.event(topic)
              .id(body)
              .contentType("application/json")
              .body(Buffer.buffer(body))
              .build();
      await(broker.publish(topic, message));
    }

    assertEquals(1, next(handled));
    assertEquals(2, next(handled));
    Event loss = next(losses);
    assertEquals("{", loss.message().id());
    assertEquals(400, loss.error().code());
  }

  @Test
  protected void whatIsNoEventIsReportedAndTheNextIsHandled() {
    Broker broker = connected();
    BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
    Inbox inbox = new Inbox(broker, SubscribeOption.onLoss(losses::add));
    publish(broker, 1);
    assumeTrue(sendGarbage(topic), "no wire for garbage");
    publish(broker, 2);

    assertEquals(List.of(1, 2), inbox.next(2));
    Event loss = next(losses);
    assertEquals(400, loss.error().code());
    assertEquals(topic, loss.topic());
    assertEquals(1, inbox.subscription.lost());
  }

  @Test
  protected void aSubscriberThatBlocksItsContextHoldsUpNobodyElse() {
    Broker broker = connected();
    CountDownLatch blocked = new CountDownLatch(1);
    BlockingQueue<Integer> started = new LinkedBlockingQueue<>();
    Context blocking = contextOnAnotherLoop();
    Promise<Subscription> subscribed = Promise.promise();
    blocking.runOnContext(
        go ->
            broker
                .subscribe(
                    topic,
                    event -> {
                      started.add(number(event));
                      try {
                        blocked.await();
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                      return Future.succeededFuture();
                    })
                .onComplete(subscribed));
    await(subscribed.future());
    publish(broker, 0);
    assertEquals(0, next(started));
    Inbox inbox = new Inbox(broker);

    IntStream.range(1, 100).forEach(number -> publish(broker, number));

    assertEquals(IntStream.range(1, 100).boxed().toList(), inbox.next(99));
    blocked.countDown();
    IntStream.range(1, 100).forEach(number -> assertEquals(number, next(started)));
  }

  /** Returns a context on another event loop than that of this thread. */
  private Context contextOnAnotherLoop() {
    EventLoop own = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    ContextInternal other = ((VertxInternal) vertx).createEventLoopContext();
    while (other.nettyEventLoop() == own) {
      other = ((VertxInternal) vertx).createEventLoopContext();
    }
    return other;
  }

  @Test
  protected void theHandlerRunsOnTheContextThatSubscribed() {
    Broker broker = connected();
    Context context = vertx.getOrCreateContext();
    BlockingQueue<Boolean> same = new LinkedBlockingQueue<>();
    Promise<Subscription> subscribed = Promise.promise();
    context.runOnContext(
        go ->
            broker
                .subscribe(
                    topic,
                    event -> {
                      same.add(context == Vertx.currentContext() && context.isEventLoopContext());
                      return Future.succeededFuture();
                    })
                .onComplete(subscribed));
    await(subscribed.future());

    publish(broker, 1);

    assertTrue(next(same));
  }

  @Test
  protected void asManyHandlersRunAsTheConcurrencyAllows() {
    Broker broker = connected();
    BlockingQueue<Promise<Void>> running = new LinkedBlockingQueue<>();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger now = new AtomicInteger();
    Function<Event, Future<?>> slow =
        event -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          Promise<Void> promise = Promise.promise();
          running.add(promise);
          return promise.future();
        };
    await(broker.subscribe(topic, slow, SubscribeOption.concurrency(3)));

    IntStream.range(0, 20).forEach(number -> publish(broker, number));
    List<Promise<Void>> first = List.of(next(running), next(running), next(running));
    assertTrue(running.isEmpty());
    first.forEach(promise -> end(promise, now));
    IntStream.range(3, 20).forEach(i -> end(next(running), now));

    assertEquals(3, most.get());
  }

  private static void end(Promise<Void> running, AtomicInteger now) {
    now.decrementAndGet();
    running.complete();
  }

  @Test
  protected void aSlowSubscriberDoesNotHoldUpOthers() {
    Broker broker = connected();
    Promise<Void> never = Promise.promise();
    await(broker.subscribe(topic, event -> never.future()));
    Inbox inbox = new Inbox(broker);

    IntStream.range(0, 100).forEach(number -> publish(broker, number));

    assertEquals(100, inbox.next(100).size());
    never.complete();
  }

  static List<Supplier<Future<?>>> failures() {
    return List.of(
        () -> Future.failedFuture(new IllegalStateException("failed")),
        () -> {
          throw new IllegalStateException("thrown");
        },
        () -> null);
  }

  @Test
  protected void aFailedEventComesAgainAsOftenAsAllowed() {
    assumeTrue(redelivers());
    for (Supplier<Future<?>> failure : failures()) {
      Broker broker = connected();
      BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
      BlockingQueue<Event> losses = new LinkedBlockingQueue<>();
      Subscription failing =
          await(
              broker.subscribe(
                  topic,
                  event -> {
                    attempts.add(event.attempt());
                    return failure.get();
                  },
                  SubscribeOption.maxDeliveries(3),
                  SubscribeOption.redeliveryDelay(Duration.ofMillis(1)),
                  SubscribeOption.onLoss(losses::add)));

      publish(broker, 7);

      assertEquals(1, next(attempts));
      assertEquals(2, next(attempts));
      assertEquals(3, next(attempts));
      assertEquals("id-7", next(losses).message().id());
      assertTrue(attempts.isEmpty());
      await(failing.close());
    }
  }

  @Test
  protected void aFailedEventThatSucceedsAtLastIsNotReported() {
    assumeTrue(redelivers());
    Broker broker = connected();
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    Subscription subscription =
        await(
            broker.subscribe(
                topic,
                event -> {
                  attempts.add(event.attempt());
                  return event.attempt() < 3
                      ? Future.failedFuture("not yet")
                      : Future.succeededFuture();
                },
                SubscribeOption.maxDeliveries(3),
                SubscribeOption.redeliveryDelay(Duration.ZERO)));

    publish(broker, 1);

    assertEquals(List.of(1, 2, 3), List.of(next(attempts), next(attempts), next(attempts)));
    await(subscription.close());
    assertEquals(0, subscription.lost());
  }

  @Test
  protected void aManualAckEndsAnEventAndANackBringsItAgain() {
    assumeTrue(redelivers());
    Broker broker = connected();
    Inbox inbox =
        new Inbox(
            broker, SubscribeOption.manualAck(), SubscribeOption.redeliveryDelay(Duration.ZERO));

    publish(broker, 1);
    Event first = inbox.next();
    await(first.nack());
    Event second = inbox.next();
    await(second.ack());
    publish(broker, 2);

    assertEquals(2, second.attempt());
    assertEquals(first.message(), second.message());
    Event third = inbox.next();
    assertEquals(2, number(third));
    await(third.ack());
  }

  @Test
  protected void anEventIsSettledOnce() {
    assumeTrue(redelivers());
    Broker broker = connected();
    Inbox inbox = new Inbox(broker, SubscribeOption.manualAck());

    publish(broker, 1);
    Event event = inbox.next();
    await(event.ack());

    assertEquals(412, failureOf(event.ack()).code());
    assertEquals(412, failureOf(event.nack()).code());
  }

  @Test
  protected void aClosedSubscriptionGetsNothingMore() {
    Broker broker = connected();
    Inbox closed = new Inbox(broker);
    Inbox open = new Inbox(broker);
    publish(broker, 1);
    assertEquals(1, number(closed.next()));

    await(closed.subscription.close());
    publish(broker, 2);

    assertEquals(List.of(1, 2), open.next(2));
    assertTrue(closed.events.isEmpty());
    assertSame(closed.subscription.close(), closed.subscription.close());
  }

  @Test
  protected void closeWaitsForRunningHandlers() {
    Broker broker = connected();
    BlockingQueue<Event> started = new LinkedBlockingQueue<>();
    Promise<Void> end = Promise.promise();
    await(
        broker.subscribe(
            topic,
            event -> {
              started.add(event);
              return end.future();
            }));
    publish(broker, 1);
    next(started);

    Future<Void> close = broker.close();
    assertTrue(!close.isComplete());
    end.complete();

    assertNull(await(close));
  }

  @Test
  protected void closingOneBrokerLeavesTheOthers() {
    Broker one = connected();
    Broker two = connected();
    Inbox inbox = new Inbox(two);

    await(one.close());
    publish(two, 1);

    assertEquals(1, number(inbox.next()));
  }

  @Test
  protected void topicsAreSeparate() {
    Broker broker = connected();
    Inbox inbox = new Inbox(broker);

    await(broker.publish(topic + ".more", event(1)));
    publish(broker, 2);

    assertEquals(2, number(inbox.next()));
  }

  @Test
  protected void aSubscriptionSaysWhatItIs() {
    Inbox inbox =
        new Inbox(connected(), SubscribeOption.queue("red"), SubscribeOption.concurrency(2));

    assertEquals(topic, inbox.subscription.topic());
    assertEquals("red", inbox.subscription.options().getQueue());
    assertEquals(2, inbox.subscription.options().getConcurrency());
    inbox.subscription.options().setQueue("blue");
    assertEquals("red", inbox.subscription.options().getQueue());
    assertEquals(0, inbox.subscription.lost());
  }
}
