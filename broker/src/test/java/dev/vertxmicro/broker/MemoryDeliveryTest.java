// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the memory broker, on contexts and a clock that the test moves. */
class MemoryDeliveryTest {

  private static final String NEWS = "news";

  private final FakeTimeSource time = new FakeTimeSource();
  private final ManualContexts contexts = new ManualContexts();
  private final MemoryBroker broker = broker(new MemoryBrokerOptions());

  private MemoryBroker broker(MemoryBrokerOptions options) {
    MemoryBroker made =
        new MemoryBroker.Builder(time, contexts)
            .withOptions(options)
            .withCodecs(Codecs.standard())
            .build();
    assertTrue(made.connect().succeeded());
    return made;
  }

  /** A subscriber whose handlers end when the test says so. */
  private final class Reader implements Function<Event, Future<?>> {
    private final List<Event> events = new ArrayList<>();
    private final List<Promise<Void>> open = new ArrayList<>();
    private final List<Event> losses = new ArrayList<>();
    private final Subscription subscription;

    Reader(MemoryBroker broker, SubscribeOption... options) {
      SubscribeOption[] all = Arrays.copyOf(options, options.length + 1);
      all[options.length] = SubscribeOption.onLoss(losses::add);
      subscription = broker.subscribe(NEWS, this, all).result();
    }

    Reader(SubscribeOption... options) {
      this(broker, options);
    }

    @Override
    public Future<?> apply(Event event) {
      events.add(event);
      Promise<Void> promise = Promise.promise();
      open.add(promise);
      return promise.future();
    }

    /** Ends the handler that has run the longest. */
    void succeed() {
      open.remove(0).complete();
      contexts.run();
    }

    void fail(Throwable failure) {
      open.remove(0).fail(failure);
      contexts.run();
    }

    String ids() {
      return ids(events);
    }

    String lostIds() {
      return ids(losses);
    }

    private static String ids(List<Event> events) {
      return String.join(" ", events.stream().map(event -> event.message().id()).toList());
    }
  }

  private Future<Void> publish(String id) {
    Message message = Message.event(NEWS).id(id).body(Buffer.buffer(id)).build();
    Future<Void> published = broker.publish(NEWS, message);
    contexts.run();
    return published;
  }

  private static RpcException failure(Future<?> future) {
    return assertInstanceOf(RpcException.class, future.cause());
  }

  private static SubscribeOption retryAfter(long millis) {
    return SubscribeOption.redeliveryDelay(Duration.ofMillis(millis));
  }

  @Test
  void takesTimesThatAreLongerThanAnyClock() {
    Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
    MemoryBroker patient = broker(new MemoryBrokerOptions().setCloseTimeout(forEver));
    Reader reader =
        new Reader(
            patient, SubscribeOption.ackTimeout(forEver), SubscribeOption.redeliveryDelay(forEver));
    patient.publish(NEWS, Message.event(NEWS).id("1").build());
    contexts.run();

    Future<Void> closed = patient.close();
    contexts.run();
    assertFalse(closed.isComplete());
    reader.succeed();

    assertTrue(closed.succeeded());
  }

  @Test
  void aFullSubscriptionRefusesForEverybody() {
    Reader full = new Reader(SubscribeOption.prefetch(2));
    Reader other = new Reader(SubscribeOption.concurrency(10));
    publish("1");
    publish("2");

    RpcException refused = failure(publish("3"));

    assertEquals(503, refused.code());
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertTrue(refused.getMessage().startsWith("news: 503"), refused.getMessage());
    assertTrue(refused.detail().contains("2 events"), refused.detail());
    assertEquals("1 2", other.ids());
    assertEquals(2, full.subscription.pending());
    assertEquals(0, full.subscription.lost());

    full.succeed();
    assertTrue(publish("4").succeeded());
    full.succeed();
    assertEquals("1 2 4", full.ids());
  }

  @ParameterizedTest
  @CsvSource({"DROP_NEWEST, 1 2 3, 4 5", "DROP_OLDEST, 1 4 5, 2 3"})
  void aFullSubscriptionDropsByItsRuleAndTellsEachLoss(
      Overflow overflow, String handled, String lost) {
    Reader reader = new Reader(SubscribeOption.prefetch(3), SubscribeOption.overflow(overflow));

    for (String id : List.of("1", "2", "3", "4", "5")) {
      assertTrue(publish(id).succeeded());
    }
    reader.succeed();
    reader.succeed();
    reader.succeed();

    assertEquals(handled, reader.ids());
    assertEquals(lost, reader.lostIds());
    assertEquals(2, reader.subscription.lost());
    RpcException error = reader.losses.get(0).error();
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, error.grpcStatus());
    assertEquals(412, failure(reader.losses.get(0).ack()).code());
  }

  @Test
  void dropsTheNewestIfNothingOlderWaits() {
    Reader reader =
        new Reader(SubscribeOption.prefetch(1), SubscribeOption.overflow(Overflow.DROP_OLDEST));

    publish("1");
    publish("2");

    assertEquals("1", reader.ids());
    assertEquals("2", reader.lostIds());
  }

  @Test
  void lossesThatNobodyReadsAreCountedAndNotKept() {
    Reader reader =
        new Reader(SubscribeOption.prefetch(1), SubscribeOption.overflow(Overflow.DROP_NEWEST));

    for (int i = 0; i < 1_000; i++) {
      // The subscriber's context does not run.
      broker.publish(NEWS, Message.event(NEWS).id("" + i).build());
    }
    contexts.run();

    assertEquals(999, reader.subscription.lost());
    assertEquals(64, reader.losses.size());
    assertEquals("0", reader.ids());
  }

  @Test
  void aGroupTakesTurnsAmongThoseWithRoom() {
    Reader one = new Reader(SubscribeOption.queue("red"), SubscribeOption.prefetch(1));
    Reader two = new Reader(SubscribeOption.queue("red"), SubscribeOption.concurrency(9));
    Reader three = new Reader(SubscribeOption.queue("red"), SubscribeOption.concurrency(9));

    IntStream.range(1, 8).forEach(i -> publish("" + i));

    assertEquals("1", one.ids());
    assertEquals("2 4 6", two.ids());
    assertEquals("3 5 7", three.ids());
  }

  @Test
  void aGroupRefusesOnlyIfAllAreFull() {
    Reader one = new Reader(SubscribeOption.queue("red"), SubscribeOption.prefetch(1));
    Reader two = new Reader(SubscribeOption.queue("red"), SubscribeOption.prefetch(1));

    assertTrue(publish("1").succeeded());
    assertTrue(publish("2").succeeded());
    assertEquals(503, failure(publish("3")).code());
    one.succeed();
    assertTrue(publish("4").succeeded());

    assertEquals("1 4", one.ids());
    assertEquals("2", two.ids());
  }

  @Test
  void aGroupStaysFairWhileMembersComeAndGo() {
    Map<String, Integer> handled = new TreeMap<>();
    List<Subscription> members = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      members.add(
          broker
              .subscribe(
                  NEWS,
                  event -> {
                    handled.merge(name, 1, Integer::sum);
                    return Future.succeededFuture();
                  },
                  SubscribeOption.queue("red"))
              .result());
    }
    IntStream.range(0, 30).forEach(i -> publish("" + i));
    assertEquals(Map.of("a", 10, "b", 10, "c", 10), handled);

    members.get(1).close();
    IntStream.range(0, 30).forEach(i -> publish("" + i));

    assertEquals(Map.of("a", 25, "b", 10, "c", 25), handled);
  }

  @Test
  void aFailedEventWaitsForTheDelayAndGoesBehindTheOthers() {
    Reader reader = new Reader(retryAfter(100));
    publish("1");
    publish("2");

    reader.fail(new IllegalStateException("not yet"));
    time.advance(Duration.ofMillis(99));
    publish("3");
    assertEquals(3, reader.subscription.pending());
    reader.succeed();
    assertEquals("1 2 3", reader.ids());
    time.advance(Duration.ofMillis(1));
    reader.succeed();

    assertEquals("1 2 3 1", reader.ids());
    assertEquals(2, reader.events.get(3).attempt());
    reader.succeed();
    assertEquals(0, reader.subscription.pending());
    assertEquals(0, time.armed());
  }

  @Test
  void anEventIsGivenUpAfterItsLastDelivery() {
    Reader reader = new Reader(retryAfter(0), SubscribeOption.maxDeliveries(2));
    IllegalStateException why = new IllegalStateException("broken");
    publish("1");

    reader.fail(new IllegalStateException("broken at first"));
    assertEquals("", reader.lostIds());
    reader.fail(why);

    assertEquals("1 1", reader.ids());
    assertEquals("1", reader.lostIds());
    RpcException error = reader.losses.get(0).error();
    assertSame(why, error.getCause());
    assertTrue(error.detail().contains("after 2 deliveries"), error.detail());
    assertEquals(Processed.YES, error.processed());
    assertEquals(0, reader.subscription.pending());
  }

  @Test
  void anUnreadableEventIsNotDeliveredAgain() {
    Reader reader = new Reader();
    publish("1");

    reader.fail(new CodecException("body: 1 bytes (expected: JSON)", null));

    assertEquals("1", reader.ids());
    assertEquals("1", reader.lostIds());
    assertEquals(400, reader.losses.get(0).error().code());
    assertEquals(0, time.armed());
  }

  @Test
  void aFailedEventOfAGroupMayGoToAnotherMember() {
    Reader one = new Reader(SubscribeOption.queue("red"), retryAfter(10));
    Reader two = new Reader(SubscribeOption.queue("red"), retryAfter(10));
    publish("1");

    one.fail(new IllegalStateException("ill"));
    time.advance(Duration.ofMillis(10));
    contexts.run();

    assertEquals("1", two.ids());
    assertEquals(2, two.events.get(0).attempt());
    assertEquals(0, one.subscription.pending());
  }

  @Test
  void aFailedEventOfAFullGroupStaysWhereItWas() {
    Reader one =
        new Reader(SubscribeOption.queue("red"), SubscribeOption.prefetch(1), retryAfter(10));
    Reader two = new Reader(SubscribeOption.queue("red"), SubscribeOption.prefetch(1));
    publish("1");
    publish("2");

    one.fail(new IllegalStateException("ill"));
    assertEquals(503, failure(publish("3")).code());
    time.advance(Duration.ofMillis(10));
    contexts.run();

    assertEquals("1 1", one.ids());
    assertEquals("2", two.ids());
  }

  @Test
  void anEventThatIsNotSettledInTimeComesAgain() {
    Reader reader =
        new Reader(
            SubscribeOption.manualAck(),
            SubscribeOption.ackTimeout(Duration.ofSeconds(1)),
            SubscribeOption.concurrency(2),
            retryAfter(0));
    publish("1");
    reader.succeed();

    time.advance(Duration.ofMillis(999));
    contexts.run();
    assertEquals("1", reader.ids());
    time.advance(Duration.ofMillis(1));
    contexts.run();

    assertEquals("1 1", reader.ids());
    assertEquals(412, failure(reader.events.get(0).ack()).code());
    assertTrue(reader.events.get(1).ack().succeeded());
    contexts.run();
    assertEquals(0, time.armed());
    assertEquals(0, reader.subscription.pending());
  }

  @Test
  void theSuccessOfAHandlerAcknowledgesOnlyIfItMay() {
    Reader automatic = new Reader();
    Reader manual = new Reader(SubscribeOption.manualAck());
    publish("1");

    automatic.succeed();
    manual.succeed();

    assertEquals(0, automatic.subscription.pending());
    assertEquals(412, failure(automatic.events.get(0).nack()).code());
    assertEquals(1, manual.subscription.pending());
    assertTrue(manual.events.get(0).ack().succeeded());
    assertEquals(0, manual.subscription.pending());
  }

  @Test
  void anEarlyAckHoldsEvenIfTheHandlerFailsThen() {
    Reader reader = new Reader(retryAfter(0));
    publish("1");

    assertTrue(reader.events.get(0).ack().succeeded());
    reader.fail(new IllegalStateException("late"));
    publish("2");

    assertEquals("1 2", reader.ids());
    assertEquals(0, reader.subscription.lost());
  }

  @Test
  void unsettledEventsFillThePrefetch() {
    Reader reader = new Reader(SubscribeOption.manualAck(), SubscribeOption.prefetch(2));
    publish("1");
    publish("2");
    reader.succeed();
    reader.succeed();

    assertEquals(503, failure(publish("3")).code());
    reader.events.get(0).ack();

    assertTrue(publish("4").succeeded());
  }

  @Test
  void aCloseWaitsForHandlersAndStartsNoMore() {
    Reader reader = new Reader();
    publish("1");
    publish("2");

    Future<Void> closed = reader.subscription.close();
    contexts.run();
    assertFalse(closed.isComplete());
    assertEquals("2", reader.lostIds());
    publish("3");
    reader.succeed();

    assertTrue(closed.succeeded());
    assertEquals("1", reader.ids());
    assertEquals(0, reader.subscription.pending());
    assertEquals(0, time.armed());
    assertSame(closed, reader.subscription.close());
  }

  @Test
  void aCloseThatWaitsTooLongFailsAndGoesOnWithoutTheHandler() {
    Reader reader = new Reader(SubscribeOption.queue("red"));
    Reader other = new Reader(SubscribeOption.queue("red"));
    publish("1");

    Future<Void> closed = reader.subscription.close();
    contexts.run();
    time.advance(Duration.ofMillis(9_999));
    contexts.run();
    assertFalse(closed.isComplete());
    time.advance(Duration.ofMillis(1));
    contexts.run();

    assertEquals(408, failure(closed).code());
    assertTrue(failure(closed).detail().startsWith("1 handlers"), failure(closed).detail());
    assertEquals("1", other.ids());
    assertEquals(2, other.events.get(0).attempt());
    reader.succeed();
    assertEquals(412, failure(reader.events.get(0).ack()).code());
    assertEquals(0, time.armed());
  }

  @Test
  void aCloseDoesNotWaitIfToldSo() {
    MemoryBroker hasty = broker(new MemoryBrokerOptions().setCloseTimeout(Duration.ZERO));
    Reader reader = new Reader(hasty);
    hasty.publish(NEWS, Message.event(NEWS).id("1").build());
    contexts.run();

    Future<Void> closed = hasty.close();
    contexts.run();

    assertTrue(closed.succeeded());
    assertEquals("1", reader.lostIds());
    reader.succeed();
    assertEquals(1, reader.subscription.lost());
  }

  @Test
  void theEventsOfAClosedMemberGoToTheGroup() {
    Reader leaving =
        new Reader(SubscribeOption.queue("red"), SubscribeOption.manualAck(), retryAfter(1_000));
    publish("unsettled");
    publish("aside");
    leaving.succeed();
    leaving.events.get(1).nack();
    leaving.succeed();
    publish("running");
    publish("waiting");
    Reader staying = new Reader(SubscribeOption.queue("red"), SubscribeOption.concurrency(9));

    leaving.subscription.close();
    contexts.run();
    assertEquals("waiting aside", staying.ids());
    leaving.fail(new IllegalStateException("closing"));

    assertEquals("waiting aside running unsettled", staying.ids());
    assertEquals(List.of(1, 2, 2, 2), staying.events.stream().map(Event::attempt).toList());
    assertEquals(0, leaving.subscription.lost());
    assertEquals(0, leaving.subscription.pending());
    assertEquals(0, time.armed());
  }

  @Test
  void theBrokerClosesItsOwnSubscriptionsOnly() {
    MemoryBroker other = broker.another();
    assertTrue(other.connect().succeeded());
    Reader mine = new Reader(broker);
    Reader theirs = new Reader(other);

    assertTrue(runClose(broker).succeeded());
    other.publish(NEWS, Message.event(NEWS).id("1").build());
    contexts.run();

    assertEquals("", mine.ids());
    assertEquals("1", theirs.ids());
    assertNull(mine.subscription.close().cause());
  }

  private Future<Void> runClose(MemoryBroker broker) {
    Future<Void> closed = broker.close();
    contexts.run();
    return closed;
  }

  @Test
  void theCloseOfTheBrokerWaitsForAllSubscriptions() {
    Reader one = new Reader();
    Reader two = new Reader();
    publish("1");

    Future<Void> closed = runClose(broker);
    one.succeed();
    assertFalse(closed.isComplete());
    time.advance(Duration.ofSeconds(10));
    contexts.run();

    assertEquals(408, failure(closed).code());
    assertEquals("1", two.lostIds());
    assertSame(closed, broker.close());
    assertEquals(0, time.armed());
  }

  @Test
  void subscriptionsAreBoundedAndAClosedOneMakesRoom() {
    MemoryBroker small = broker(new MemoryBrokerOptions().setMaxSubscriptions(1));
    Subscription first = small.subscribe(NEWS, event -> Future.succeededFuture()).result();

    RpcException refused = failure(small.subscribe(NEWS, event -> Future.succeededFuture()));
    first.close();

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
    assertTrue(small.subscribe(NEWS, event -> Future.succeededFuture()).succeeded());
  }

  @Test
  void aBusySubscriberLetsOthersOnItsContextHaveATurn() {
    List<Integer> handled = new ArrayList<>();
    broker.subscribe(
        NEWS,
        event -> {
          handled.add(1);
          return Future.succeededFuture();
        });
    for (int i = 0; i < 100; i++) {
      broker.publish(NEWS, Message.event(NEWS).build());
    }

    assertEquals(1, contexts.waiting());
    contexts.runOne();

    assertEquals(16, handled.size());
    assertEquals(1, contexts.waiting());
    contexts.run();
    assertEquals(100, handled.size());
  }

  @Test
  void aHandlerMayPublishSubscribeAndCloseItself() {
    List<String> handled = new ArrayList<>();
    Subscription[] self = new Subscription[1];
    self[0] =
        broker
            .subscribe(
                NEWS,
                event -> {
                  handled.add(event.message().id());
                  broker.publish(NEWS, Message.event(NEWS).id("more").build());
                  new Reader();
                  return self[0].close();
                },
                SubscribeOption.onLoss(loss -> handled.add("lost " + loss.message().id())))
            .result();

    publish("1");
    time.advance(Duration.ofSeconds(10));
    contexts.run();

    // Waiting for its own end, the handler holds up the close until the close gives it up.
    assertEquals(List.of("1", "lost more", "lost 1"), handled);
    assertEquals(0, self[0].pending());
  }

  @Test
  void aLossHandlerThatThrowsDoesNoHarm() {
    List<String> handled = new ArrayList<>();
    broker.subscribe(
        NEWS,
        event -> {
          handled.add(event.message().id());
          throw new IllegalStateException("always");
        },
        SubscribeOption.maxDeliveries(1),
        SubscribeOption.onLoss(
            loss -> {
              throw new IllegalStateException("in the loss handler");
            }));

    publish("1");
    publish("2");

    assertEquals(List.of("1", "2"), handled);
  }

  @Test
  void aTopicWhoseSubscribersHaveLeftTakesEventsForNobody() {
    Reader reader = new Reader(SubscribeOption.queue("red"));
    reader.subscription.close();
    contexts.run();

    assertTrue(publish("1").succeeded());
    assertEquals("", reader.ids());
  }

  @Test
  void printsWhatItIs() {
    Reader reader = new Reader(SubscribeOption.queue("red"));
    publish("1");

    assertTrue(reader.subscription.toString().startsWith("Subscription[news, SubscribeOptions{"));
    assertTrue(
        reader.events.get(0).toString().startsWith("Event[news, attempt=1, Message[EVENT, id=1"));
  }
}
