// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineTimerTest {

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final FakeTimeSource time = new FakeTimeSource();
  private final long start = time.nanoTime();
  private int fired;
  private final DeadlineTimer timer = new DeadlineTimer(context, time, this::fire);

  private void fire() {
    timer.expired();
    fired++;
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void firesForTheEarliest() {
    timer.watch(start + 10);
    timer.watch(start + 20);
    timer.watch(start + 5);
    letContextRun();
    assertEquals(1, time.armed());

    time.advance(Duration.ofNanos(4));
    assertEquals(0, fired);
    time.advance(Duration.ofNanos(1));
    assertEquals(1, fired);
    assertEquals(0, time.armed());

    timer.watch(start + 20);
    letContextRun();
    time.advance(Duration.ofNanos(15));
    assertEquals(2, fired);
  }

  @Test
  void isDisarmedByClosing() {
    timer.watch(start + 10);
    timer.close();
    letContextRun();

    assertEquals(0, time.armed());
    time.advance(Duration.ofNanos(10));
    assertEquals(0, fired);
  }

  private void letContextRun() {
    CompletableFuture<Void> ran = new CompletableFuture<>();
    context.runOnContext(run -> ran.complete(null));
    ran.join();
  }
}
