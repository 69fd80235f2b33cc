// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Deduplication;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A server that is killed with {@code kill -9} and started again, three times while publishes are
 * under way. What became of every single publish is compared with what was received.
 */
class NatsOutageIT {

  private static final int IN_FLIGHT = 500;
  private static final int OUTAGES = 3;

  private final Vertx vertx = Vertx.vertx();
  private final NatsServer server = NatsServer.start();

  @AfterEach
  void stop() {
    await(vertx.close());
    server.close();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  @Test
  void jetStreamLosesNothingThatWasConfirmed() throws Exception {
    loseNothing(10_000);
  }

  @Test
  @Tag("soak")
  void jetStreamLosesNothingThatWasConfirmedForLong() throws Exception {
    loseNothing(100_000);
  }

  private void loseNothing(int events) throws Exception {
    JetStreamOptions stream =
        new JetStreamOptions().setSubjects(List.of("orders.>")).setAckWait(Duration.ofSeconds(2));
    Run run =
        new Run(
            events,
            1_000,
            new NatsBrokerOptions().setServers(List.of(server.url())).setJetStream(stream));
    run.publishThroughOutages();

    run.awaitConfirmed();
    await(run.close());

    System.out.println("JetStream: " + run);
    assertEquals(0, run.confirmedNotReceived(), run::toString);
    assertEquals(0, run.receivedThoughNotSent(), run::toString);
    assertEquals(events, run.confirmed.get() + run.unknown.get() + run.notSent.get());
    assertEquals(0, run.losses.get(), run::toString);
    // A server that dies forgets the last acknowledgements: each death may bring an event again.
    assertTrue(run.mostReceived() <= 1 + OUTAGES, run::toString);
    assertEquals(0, run.handledTwice(), run::toString);
  }

  @Test
  void coreNatsLosesOnlyWhatTheServerHadInHand() throws Exception {
    Run run = new Run(10_000, 20_000, new NatsBrokerOptions().setServers(List.of(server.url())));
    run.publishThroughOutages();
    run.awaitOneMore();
    await(run.close());

    System.out.println("core NATS: " + run);
    assertEquals(0, run.receivedThoughNotSent(), run::toString);
    assertEquals(0, run.duplicates(), run::toString);
    assertEquals(10_000, run.confirmed.get() + run.unknown.get() + run.notSent.get());
    // At most what was under way at each death, and until the subscriber was back.
    assertEquals(0, run.losses.get(), run::toString);
    assertTrue(run.confirmedNotReceived() < 10_000 / 2, run::toString);
  }

  /** One publisher and one subscriber, each with a connection of its own, and their book. */
  private final class Run {

    private static final String TOPIC = "orders.new";

    private final int events;
    private final NatsBroker publisher;
    private final NatsBroker subscriber;
    private final AtomicIntegerArray received;
    private final AtomicIntegerArray handled;
    private final Deduplication once =
        Deduplication.of(TimeSource.of(vertx), Duration.ofMinutes(10), 200_000);
    private final Processed[] outcome;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AtomicInteger notSent = new AtomicInteger();
    private final AtomicInteger losses = new AtomicInteger();
    private final CountDownLatch[] reached = new CountDownLatch[OUTAGES + 1];
    private final Promise<Void> lastOne = Promise.promise();

    Run(int events, int prefetch, NatsBrokerOptions options) {
      this.events = events;
      received = new AtomicIntegerArray(events + 1);
      handled = new AtomicIntegerArray(events + 1);
      outcome = new Processed[events];
      for (int i = 0; i <= OUTAGES; i++) {
        reached[i] = new CountDownLatch(1);
      }
      publisher = NatsBroker.create(vertx, options);
      subscriber = NatsBroker.create(vertx, options);
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

    void publishThroughOutages() throws Exception {
      vertx.getOrCreateContext().runOnContext(go -> start());
      for (int outage = 0; outage < OUTAGES; outage++) {
        assertTrue(reached[outage].await(60, TimeUnit.SECONDS), this::toString);
        server.process().kill();
        server.process().restart();
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

    void awaitConfirmed() throws InterruptedException {
      for (int i = 0; confirmedNotReceived() > 0 && i < 1_200; i++) {
        pause();
      }
    }

    /** What was published last has overtaken nothing: all that will come has come. */
    void awaitOneMore() throws InterruptedException {
      for (int i = 0; !lastOne.future().isComplete() && i < 1_200; i++) {
        // The subscriber may not be back yet.
        await(publisher.publish(TOPIC, event(events)));
        pause();
      }
      assertTrue(lastOne.future().isComplete(), this::toString);
    }

    private static void pause() throws InterruptedException {
      new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
    }

    int mostReceived() {
      return IntStream.range(0, events).map(received::get).max().orElse(0);
    }

    int handledTwice() {
      return count(number -> handled.get(number) > 1);
    }

    int confirmedNotReceived() {
      return count(number -> outcome[number] == Processed.YES && received.get(number) == 0);
    }

    int receivedThoughNotSent() {
      return count(number -> outcome[number] == Processed.NOT_SENT && received.get(number) > 0);
    }

    int duplicates() {
      int more = 0;
      for (int number = 0; number < events; number++) {
        more += Math.max(0, received.get(number) - 1);
      }
      return more;
    }

    private int count(IntPredicate which) {
      return (int) IntStream.range(0, events).filter(which).count();
    }

    Future<Void> close() {
      return Future.join(publisher.close(), subscriber.close()).mapEmpty();
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
}
