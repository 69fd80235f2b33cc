// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which event loop has the way to a node. */
class HomeTest {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final FakeTimeSource time = new FakeTimeSource();
  private final SkynetTransport transport =
      SkynetTransport.create(vertx, time, new CountingObserver(), new SkynetOptions(), null);

  @AfterEach
  void stop() {
    Waiting.await(transport.close(Deadline.afterNanos(0, time)));
    Waiting.await(vertx.close());
  }

  @Test
  void aNodeWhoseOnlyCallWasGivenUpOnItsWayIsFreeForOtherLoopsAfterAWhile() {
    Context first = vertx.getOrCreateContext();
    CountDownLatch busy = new CountDownLatch(1);
    first.runOnContext(v -> await(busy));
    Exchange call = send();
    assertInstanceOf(HoppedExchange.class, call);
    call.cancel();
    busy.countDown();
    run(
        first,
        () -> {
          time.advance(SkynetOptions.DEFAULT_IDLE_TIMEOUT.multipliedBy(2));
          return true;
        });

    assertFalse(run(beside(first), this::send) instanceof HoppedExchange);
  }

  /** To an address that is none, so that nothing is dialled. */
  private Exchange send() {
    Node node = Node.builder("n-1", "nowhere").protocol("skynet").build();
    return transport.send(node, Wire.request("@raw"), Deadline.NONE, SendOptions.DEFAULT);
  }

  /** Returns a context of the other event loop. */
  private Context beside(Context context) {
    EventLoop other = EventLoops.loopOf(context);
    while (other == EventLoops.loopOf(context)) {
      other = other.parent().next();
    }
    return EventLoops.newContext(vertx, other);
  }

  private static <T> T run(Context context, Supplier<T> task) {
    Promise<T> made = Promise.promise();
    context.runOnContext(v -> made.complete(task.get()));
    return Waiting.await(made.future());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
