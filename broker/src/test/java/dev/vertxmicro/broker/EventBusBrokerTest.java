// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker on the event bus of one process. */
class EventBusBrokerTest extends BrokerContract {

  @Override
  protected Broker open(Vertx vertx) {
    return EventBusBroker.create(vertx);
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    vertx()
        .eventBus()
        .publish(EventBusBrokerOptions.DEFAULT_ADDRESS_PREFIX + "topic:" + topic, "garbage");
    return true;
  }

  private static Message event(int number) {
    return Message.event("news").id("" + number).build();
  }

  /** Takes one event and keeps it; its prefetch is used up then. */
  private Promise<Event> subscribeForOne(Broker broker) {
    Promise<Event> got = Promise.promise();
    await(
        broker.subscribe(
            "news",
            event -> {
              got.complete(event);
              return Future.succeededFuture();
            },
            SubscribeOption.queue("red"),
            SubscribeOption.manualAck(),
            SubscribeOption.prefetch(1)));
    return got;
  }

  @Test
  void aMemberThatIsFullLetsTheNextHaveTheEvent() {
    Broker broker = connected();
    List<Promise<Event>> members = List.of(subscribeForOne(broker), subscribeForOne(broker));

    await(broker.publish("news", event(1)));
    await(broker.publish("news", event(2)));

    Set<String> got = new TreeSet<>();
    members.forEach(member -> got.add(await(member.future()).message().id()));
    assertEquals(Set.of("1", "2"), got);
  }

  @Test
  void aPublishFailsWhenAllMembersOfAGroupAreFull() {
    Broker broker = connected();
    Promise<Event> member = subscribeForOne(broker);
    await(broker.publish("news", event(1)));

    RpcException refused =
        assertThrows(RpcException.class, () -> await(broker.publish("news", event(2))));

    assertEquals(503, refused.code());
    assertEquals(Processed.UNKNOWN, refused.processed());
    await(await(member.future()).ack());
    await(broker.publish("news", event(3)));
  }

  @Test
  void aGroupWhoseMembersHaveClosedIsNobody() {
    Broker broker = connected();
    Broker member = connected();
    subscribeForOne(member);
    await(member.close());

    await(broker.publish("news", event(1)));
  }

  @Test
  void everyMemberOfEveryGroupGetsItsShare() {
    Broker broker = connected();
    Map<String, AtomicInteger> got = new TreeMap<>();
    AtomicInteger left = new AtomicInteger(200);
    Promise<Void> all = Promise.promise();
    for (String queue : List.of("a", "b")) {
      for (int member = 0; member < 2; member++) {
        AtomicInteger count = new AtomicInteger();
        got.put(queue + member, count);
        await(
            broker.subscribe(
                "news",
                event -> {
                  count.incrementAndGet();
                  if (left.decrementAndGet() == 0) {
                    all.complete();
                  }
                  return Future.succeededFuture();
                },
                SubscribeOption.queue(queue)));
      }
    }

    for (int i = 0; i < 100; i++) {
      await(broker.publish("news", event(i)));
    }

    await(all.future());
    got.forEach((member, count) -> assertEquals(50, count.get(), 5, member));
  }

  /** Of all turns, of every second one and of every third. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void turnsFallEvenlyOnMembers(int step) {
    for (int members = 1; members <= 9; members++) {
      int[] turns = new int[members];
      for (int i = 0; i < 9_000; i++) {
        turns[EventBusBroker.place(Integer.MAX_VALUE - 4_000 * step + i * step, members)]++;
      }
      for (int count : turns) {
        assertEquals(9_000.0 / members, count, 20, "of " + members);
      }
    }
  }
}
