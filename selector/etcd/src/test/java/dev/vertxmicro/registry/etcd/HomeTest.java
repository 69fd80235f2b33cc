// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HomeTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void everythingHappensOnOneContextThatIsNobodyElses() {
    Home home = Home.of(vertx, TimeSource.of(vertx));
    Promise<Context> first = Promise.promise();
    Promise<Context> second = Promise.promise();
    Promise<Context> timer = Promise.promise();

    home.execute(() -> first.complete(Vertx.currentContext()));
    home.execute(
        () -> {
          second.complete(Vertx.currentContext());
          home.timer(0, () -> timer.complete(Vertx.currentContext()));
        });

    Context context = await(first.future());
    assertTrue(context.isEventLoopContext());
    assertNotEquals(vertx.getOrCreateContext(), context);
    assertEquals(context, await(second.future()));
    assertEquals(context, await(timer.future()));
  }

  @Test
  void whatIsDoneFromHomeIsDoneAtOnce() {
    Home home = Home.of(vertx, TimeSource.of(vertx));
    Promise<List<String>> done = Promise.promise();

    home.execute(
        () -> {
          List<String> order = new ArrayList<>();
          home.execute(() -> order.add("inner"));
          order.add("outer");
          done.complete(order);
        });

    assertEquals(List.of("inner", "outer"), await(done.future()));
  }

  @Test
  void answersAreGivenOnTheContextOfTheCaller() {
    Home home = Home.of(vertx, TimeSource.of(vertx));
    Context caller = vertx.getOrCreateContext();
    Promise<Context> answered = Promise.promise();

    caller.runOnContext(
        v ->
            home.call(() -> Future.succeededFuture(1))
                .onComplete(one -> answered.complete(Vertx.currentContext())));

    assertEquals(caller, await(answered.future()));
  }

  @Test
  void jitterTakesUpToAHalfOff() {
    Home home = Home.immediate(new FakeTimeSource());
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1_000; i++) {
      long jittered = home.jittered(1_000_000);
      least = Math.min(least, jittered);
      most = Math.max(most, jittered);
    }

    assertTrue(least >= 500_000 && least < 510_000, "least: " + least);
    assertTrue(most <= 1_000_000 && most > 990_000, "most: " + most);
  }

  @Test
  void onceVertxIsClosedAllFailsAndNothingThrows() {
    Vertx other = Vertx.vertx();
    EtcdRegistry registry = EtcdRegistry.create(other);
    await(other.close());
    Service greeter = Service.builder("greeter").node(Node.of("a", "h:1")).build();

    assertEquals(503, failure(registry.get("greeter")).code());
    assertEquals(503, failure(registry.list()).code());
    assertEquals(503, failure(registry.register(greeter, RegisterOptions.DEFAULT)).code());
    assertEquals(503, failure(registry.watch("greeter", event -> {}).ready()).code());
    await(registry.close());
  }

  @Test
  void backoffDoublesUpToItsCapAndStartsAnewAfterASuccess() {
    Backoff backoff = new Backoff(Home.immediate(new FakeTimeSource()), 1_000_000_000L);
    assertFalse(backoff.isFailing());

    long[] bounds = {100_000_000, 200_000_000, 400_000_000, 800_000_000, 1_000_000_000};
    for (long bound : bounds) {
      assertWithin(bound, backoff.next());
    }
    for (int i = 0; i < 100; i++) {
      assertWithin(1_000_000_000L, backoff.next());
    }
    assertTrue(backoff.isFailing());
    backoff.succeeded();
    assertFalse(backoff.isFailing());
    assertWithin(100_000_000, backoff.next());
  }

  private static void assertWithin(long bound, long nanos) {
    assertTrue(nanos >= bound / 2 && nanos <= bound, nanos + " of " + bound);
  }
}
