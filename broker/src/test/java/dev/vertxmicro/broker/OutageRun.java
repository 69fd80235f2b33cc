// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Events that are published while their server is killed and started again three times, from one
 * broker to another, and a book of what became of each.
 */
public final class OutageRun {

  private static final int IN_FLIGHT = 500;
  private static final int OUTAGES = 3;

  private static final String TOPIC = "orders.new";

  private final Vertx vertx;
  private final Runnable outage;
  private final int events;
  private final Broker publisher;
  private final Broker subscriber;
  private final AtomicIntegerArray received;
  private final AtomicIntegerArray handled;
  private final Deduplication once;
  private final Processed[] outcome;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger confirmed = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger notSent = new AtomicInteger();
  private final AtomicInteger losses = new AtomicInteger();
  private final CountDownLatch[] reached = new CountDownLatch[OUTAGES + 1];
  private final Promise<Void> lastOne = Promise.promise();

  /**
   * Connects and subscribes.
   *
   * @param events how many are published
   * @param prefetch of the subscription
   * @param broker makes a broker at the server
   * @param outage kills the server, and starts it again
   */
  public OutageRun(
      Vertx vertx, int events, int prefetch, Supplier<Broker> broker, Runnable outage) {
    this.vertx = vertx;
    this.outage = outage;
    this.events = events;
    once = Deduplication.of(TimeSource.of(vertx), Duration.ofMinutes(10), 200_000);
    received = new AtomicIntegerArray(events + 1);
    handled = new AtomicIntegerArray(events + 1);
    outcome = new Processed[events];
    for (int i = 0; i <= OUTAGES; i++) {
      reached[i] = new CountDownLatch(1);
    }
    publisher = broker.get();
    subscriber = broker.get();
    await(Future.all(publisher.connect(), subscriber.connect()));
    await(
        subscriber.subscribe(
            TOPIC,
            this::receive,
            SubscribeOption.queue("billing"),
            SubscribeOption.prefetch(prefetch),
            SubscribeOption.maxDeliveries(100),
            SubscribeOption.onLoss(loss -> losses.incrementAndGet())));
  }

  private Future<?> receive(Event event) {
    received.incrementAndGet(number(event));
    return once.filter(this::handle).apply(event);
  }

  private Future<Void> handle(Event event) {
    int number = number(event);
    handled.incrementAndGet(number);
    if (number == events) {
      lastOne.tryComplete();
    }
    return Future.succeededFuture();
  }

  private static int number(Event event) {
    return Integer.parseInt(event.body(String.class));
  }

  /** What a server that stores events promises: all that it confirmed arrives, handled once. */
  public void losesNothingThatWasConfirmed() throws InterruptedException {
    publishThroughOutages();
    awaitConfirmed();
    close();

    assertEquals(0, confirmedNotReceived(), this::toString);
    // A server that dies forgets the last acknowledgements: each death may bring an event again.
    assertTrue(mostReceived() <= 1 + OUTAGES, this::toString);
    assertEquals(0, handledTwice(), this::toString);
  }

  /** What one that stores nothing promises: it goes on, and nothing comes twice. */
  public void goesOnAndDoublesNothing() throws InterruptedException {
    publishThroughOutages();
    awaitOneMore();
    close();

    assertEquals(0, duplicates(), this::toString);
  }

  private void publishThroughOutages() throws InterruptedException {
    vertx.getOrCreateContext().runOnContext(go -> start());
    for (int i = 0; i < OUTAGES; i++) {
      assertTrue(reached[i].await(60, TimeUnit.SECONDS), this::toString);
      outage.run();
    }
    assertTrue(reached[OUTAGES].await(120, TimeUnit.SECONDS), this::toString);
  }

  private void start() {
    for (int i = 0; i < IN_FLIGHT; i++) {
      publishNext();
    }
  }

  private void publishNext() {
    int number = next.getAndIncrement();
    if (number < events) {
      publisher
          .publish(TOPIC, event(number))
          .onComplete(
              published -> {
                book(number, published.cause());
                publishNext();
              });
    }
  }

  private Message event(int number) {
    return Message.event(TOPIC)
        .id("id-" + number)
        .contentType("text/plain")
        .body(Buffer.buffer("" + number))
        .build();
  }

  private void book(int number, Throwable failure) {
    outcome[number] = failure == null ? Processed.YES : ((RpcException) failure).processed();
    switch (outcome[number]) {
      case YES -> confirmed.incrementAndGet();
      case UNKNOWN -> unknown.incrementAndGet();
      default -> notSent.incrementAndGet();
    }
    int count = ended.incrementAndGet();
    for (int outage = 0; outage <= OUTAGES; outage++) {
      if (count == events / (OUTAGES + 1) * (outage + 1) || count == events) {
        reached[outage].countDown();
      }
    }
  }

  private void awaitConfirmed() throws InterruptedException {
    for (int i = 0; confirmedNotReceived() > 0 && i < 1_200; i++) {
      pause();
    }
  }

  /** What was published last has overtaken nothing: all that will come has come. */
  private void awaitOneMore() throws InterruptedException {
    for (int i = 0; !lastOne.future().isComplete() && i < 1_200; i++) {
      // The subscriber may not be back yet.
      await(publisher.publish(TOPIC, event(events)).otherwiseEmpty());
      pause();
    }
    assertTrue(lastOne.future().isComplete(), this::toString);
  }

  private static void pause() throws InterruptedException {
    new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
  }

  private int mostReceived() {
    return IntStream.range(0, events).map(received::get).max().orElse(0);
  }

  private int handledTwice() {
    return count(number -> handled.get(number) > 1);
  }

  private int confirmedNotReceived() {
    return count(number -> outcome[number] == Processed.YES && received.get(number) == 0);
  }

  private int receivedThoughNotSent() {
    return count(
        number ->
            (outcome[number] == Processed.NOT_SENT || outcome[number] == Processed.REFUSED)
                && received.get(number) > 0);
  }

  private int duplicates() {
    int more = 0;
    for (int number = 0; number < events; number++) {
      more += Math.max(0, received.get(number) - 1);
    }
    return more;
  }

  private int count(IntPredicate which) {
    return (int) IntStream.range(0, events).filter(which).count();
  }

  private void close() {
    await(Future.join(publisher.close(), subscriber.close()));
    System.out.println(this);
    assertEquals(0, receivedThoughNotSent(), this::toString);
    assertEquals(events, confirmed.get() + unknown.get() + notSent.get(), this::toString);
    assertEquals(0, losses.get(), this::toString);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  @Override
  public String toString() {
    return ("%d published: %d confirmed, %d unknown, %d not sent; "
            + "of the confirmed %d not received; %d duplicates")
        .formatted(
            ended.get(),
            confirmed.get(),
            unknown.get(),
            notSent.get(),
            confirmedNotReceived(),
            duplicates());
  }
}
