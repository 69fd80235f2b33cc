// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What brokers with a wire ask of a subscription and the one in memory does not. */
class LocalSubscriptionTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final ManualContexts contexts = new ManualContexts();
  private final List<String> begun = new ArrayList<>();
  private final List<Promise<Void>> running = new ArrayList<>();

  private final LocalSubscription subscription =
      new LocalSubscription(
          new LocalSubscription.Host(Codecs.standard(), time, Duration.ofSeconds(1), contexts::get),
          "news",
          SubscribeOptions.of(
              SubscribeOption.concurrency(2),
              SubscribeOption.redeliveryDelay(Duration.ofMillis(100))),
          event -> {
            begun.add(event.message().id());
            running.add(Promise.promise());
            return running.get(running.size() - 1).future();
          },
          Future::succeededFuture);

  private void offer(String id) {
    subscription.offer(new Delivery(Message.event("news").id(id).build(), 1));
    contexts.run();
  }

  @Test
  void forgetsWhatWasWithdrawnAndGoesOnWithTheRest() {
    List.of("nacked", "running", "waiting").forEach(this::offer);
    running.get(0).fail("again, please");
    contexts.run();
    assertEquals(List.of("nacked", "running", "waiting"), begun);
    offer("queued");
    offer("kept");
    assertEquals(5, subscription.pending());

    subscription.withdraw(delivery -> !delivery.message().id().equals("kept"));
    contexts.run();
    time.advance(Duration.ofSeconds(1));
    contexts.run();

    assertEquals(3, subscription.pending());
    assertEquals(0, subscription.lost());
    offer("next");
    running.get(1).complete();
    running.get(2).complete();
    contexts.run();
    assertEquals(List.of("nacked", "running", "waiting", "kept", "next"), begun);
    running.get(3).complete();
    running.get(4).complete();
    contexts.run();
    assertEquals(0, subscription.pending());
  }
}
