// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** On the memory broker, whose contexts and clock the test moves. */
class DeduplicationTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final ManualContexts contexts = new ManualContexts();
  private final MemoryBroker broker = new MemoryBroker.Builder(time, contexts).build();
  private final List<String> handled = new ArrayList<>();
  private final List<Promise<Void>> open = new ArrayList<>();

  DeduplicationTest() {
    assertTrue(broker.connect().succeeded());
  }

  private Deduplication filter(int size) {
    return Deduplication.of(time, Duration.ofSeconds(10), size);
  }

  private Future<Void> handle(Event event) {
    handled.add(event.message().id());
    return Future.succeededFuture();
  }

  private Future<Void> handleLater(Event event) {
    Promise<Void> promise = Promise.promise();
    handled.add(event.message().id());
    open.add(promise);
    return promise.future();
  }

  private Subscription subscribe(
      Deduplication once, Function<Event, Future<?>> handler, SubscribeOption... options) {
    return broker.subscribe("news", once.filter(handler), options).result();
  }

  private void publish(String... ids) {
    for (String id : ids) {
      assertTrue(broker.publish("news", Message.event("news").id(id).build()).succeeded());
    }
    contexts.run();
  }

  @Test
  void dropsWhatItHasHandled() {
    Deduplication once = filter(10);
    Subscription subscription = subscribe(once, this::handle);

    publish("a", "b", "a", "a", "b");

    assertEquals(List.of("a", "b"), handled);
    assertEquals(3, once.dropped());
    assertEquals(0, subscription.pending());
    assertEquals(0, subscription.lost());
  }

  @Test
  void passesEventsWithoutAnId() {
    subscribe(filter(10), this::handle);

    publish("", "");

    assertEquals(List.of("", ""), handled);
  }

  @Test
  void forgetsAfterTheTime() {
    subscribe(filter(10), this::handle);

    publish("a");
    time.advance(Duration.ofMillis(9_999));
    publish("a");
    assertEquals(List.of("a"), handled);
    time.advance(Duration.ofMillis(1));
    publish("a");

    assertEquals(List.of("a", "a"), handled);
  }

  @Test
  void forgetsTheOldestBeyondItsSize() {
    subscribe(filter(2), this::handle);

    publish("a", "b", "c", "b", "a");

    assertEquals(List.of("a", "b", "c", "a"), handled);
  }

  @Test
  void handlesAgainWhatFailed() {
    Deduplication once = filter(10);
    List<Integer> attempts = new ArrayList<>();
    subscribe(
        once,
        event -> {
          attempts.add(event.attempt());
          if (event.attempt() == 1) {
            throw new IllegalStateException("not yet");
          }
          return Future.succeededFuture();
        },
        SubscribeOption.redeliveryDelay(Duration.ZERO));

    publish("a");
    publish("a");

    assertEquals(List.of(1, 2), attempts);
    assertEquals(1, once.dropped());
  }

  @Test
  void aHandlerThatReturnsNullHasFailed() {
    Deduplication once = filter(10);
    Subscription subscription = subscribe(once, event -> null, SubscribeOption.maxDeliveries(1));

    publish("a", "a");

    assertEquals(0, once.dropped());
    assertEquals(2, subscription.lost());
  }

  @Test
  void aCopyWaitsForTheFirst() {
    Deduplication once = filter(10);
    Subscription subscription = subscribe(once, this::handleLater, SubscribeOption.concurrency(2));

    publish("a", "a");
    assertEquals(List.of("a"), handled);
    assertEquals(2, subscription.pending());
    open.get(0).complete();

    assertEquals(0, subscription.pending());
    assertEquals(1, once.dropped());
  }

  @Test
  void aCopyFailsWithTheFirst() {
    Deduplication once = filter(10);
    Subscription subscription =
        subscribe(
            once,
            this::handleLater,
            SubscribeOption.concurrency(2),
            SubscribeOption.maxDeliveries(1));

    publish("a", "a");
    open.get(0).fail("no");
    contexts.run();

    assertEquals(2, subscription.lost());
    assertEquals(0, once.dropped());
  }

  @Test
  void acknowledgesWhatItDropsUnderManualAck() {
    Subscription subscription =
        subscribe(filter(10), event -> event.ack(), SubscribeOption.manualAck());

    publish("a", "a");

    assertEquals(0, subscription.pending());
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> Deduplication.of(time, Duration.ZERO, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Deduplication.of(time, Duration.ofSeconds(1), 0));
    assertFalse(filter(3).toString().isEmpty());
  }
}
