// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.JsonCodec;
import dev.vertxmicro.codec.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The memory broker on real contexts. */
class MemoryBrokerTest extends BrokerContract {

  private MemoryBroker first;

  @Override
  protected Broker open(Vertx vertx) {
    first = first == null ? MemoryBroker.create(vertx) : first.another();
    return first;
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Test
  void isSharedByAllCodeOnAVertx() {
    Vertx other = Vertx.vertx();
    Broker publisher = MemoryBroker.shared(vertx());
    Broker subscriber = MemoryBroker.shared(vertx());
    Broker elsewhere = MemoryBroker.shared(other);
    await(Future.all(publisher.connect(), subscriber.connect(), elsewhere.connect()));
    Promise<Event> got = Promise.promise();
    await(subscriber.subscribe("news", event -> complete(got, event)));

    await(elsewhere.publish("news", Message.event("news").id("1").build()));
    await(publisher.publish("news", Message.event("news").id("2").build()));

    assertEquals("2", await(got.future()).message().id());
    await(publisher.close());
    await(subscriber.close());
    await(other.close());
  }

  private static Future<Void> complete(Promise<Event> promise, Event event) {
    promise.complete(event);
    return Future.succeededFuture();
  }

  @Test
  void brokersOfTheirOwnDoNotMeet() {
    Broker one = MemoryBroker.create(vertx());
    Broker two = MemoryBroker.create(vertx());
    await(Future.all(one.connect(), two.connect()));
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    await(
        two.subscribe(
            "news",
            event -> {
              got.add(event.message().id());
              return Future.succeededFuture();
            }));

    await(one.publish("news", Message.event("news").id("one").build()));
    await(two.publish("news", Message.event("news").id("two").build()));

    assertEquals("two", take(got));
    await(two.close());
    await(one.close());
  }

  private static String take(BlockingQueue<String> queue) {
    try {
      return queue.poll(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readsBodiesWithItsCodecs() {
    Codecs codecs = Codecs.standard().with(new JsonCodec(JsonMapper.builder().build()));
    Broker broker = MemoryBroker.builder(vertx()).withCodecs(codecs).build();
    await(broker.connect());
    Promise<Event> got = Promise.promise();
    await(broker.subscribe("news", event -> complete(got, event)));
    record Known(int known) {}

    Message message =
        Message.event("news")
            .contentType("application/json")
            .body(Buffer.buffer("{\"unknown\":1}"))
            .build();
    await(broker.publish("news", message));
    Event event = await(got.future());

    // The standard codecs would ignore the field.
    assertThrows(CodecException.class, () -> event.body(Known.class));
    await(broker.close());
  }

  @Test
  void deliversToAHundredSubscribersOnAllLoops() {
    Broker broker = MemoryBroker.create(vertx());
    await(broker.connect());
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    for (int i = 0; i < 100; i++) {
      await(
          broker.subscribe(
              "news",
              event -> {
                got.add(event.message().id());
                return Future.succeededFuture();
              },
              SubscribeOption.prefetch(1_000_000)));
    }

    for (int thread = 0; thread < 4; thread++) {
      vertx()
          .executeBlocking(
              () -> {
                for (int i = 0; i < 100; i++) {
                  broker.publish("news", Message.event("news").id("x").build());
                }
                return null;
              },
              false);
    }

    for (int i = 0; i < 40_000; i++) {
      assertEquals("x", take(got));
    }
    await(broker.close());
    assertEquals(0, got.size());
  }
}
