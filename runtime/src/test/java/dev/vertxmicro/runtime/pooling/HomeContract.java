// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import dev.vertxmicro.time.TimeSource;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which event loop has the way to a node, for transports with {@link Homes}. */
public abstract class HomeContract {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final FakeTimeSource time = new FakeTimeSource();
  private Transport transport;

  /** Returns a new transport. */
  protected abstract Transport newTransport(Vertx vertx, TimeSource time);

  /** Returns after how long it forgets a way that nobody uses. */
  protected abstract Duration idleTimeout();

  /** Sends to the same node each time, which cannot be reached. */
  protected abstract Exchange send(Transport transport);

  @BeforeEach
  void start() {
    transport = newTransport(vertx, time);
  }

  @AfterEach
  void stop() {
    await(transport.close(Deadline.afterNanos(0, time)));
    await(vertx.close());
  }

  @Test
  void aNodeWhoseOnlyCallWasGivenUpOnItsWayIsFreeForOtherLoopsAfterAWhile() {
    Context first = vertx.getOrCreateContext();
    CountDownLatch busy = new CountDownLatch(1);
    first.runOnContext(v -> await(busy));
    Exchange call = send(transport);
    assertInstanceOf(HoppedExchange.class, call);
    call.cancel();
    busy.countDown();
    run(
        first,
        () -> {
          time.advance(idleTimeout().multipliedBy(2));
          return true;
        });

    assertFalse(run(beside(first), () -> send(transport)) instanceof HoppedExchange);
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
    return await(made.future());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("nothing in 20 s", late);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
