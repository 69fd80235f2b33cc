// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Completions.Waiter;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class CompletionsTest {

  @Test
  void tellsEachOnItsContextAndInOrder() {
    Vertx vertx = Vertx.vertx();
    Context one = vertx.getOrCreateContext();
    Waiter first = new Waiter(one, Promise.promise());
    Waiter second = new Waiter(one, Promise.promise());
    List<String> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Context> last = new CompletableFuture<>();
    first.future().onSuccess(done -> seen.add("first"));
    second
        .future()
        .onFailure(
            failure -> {
              seen.add(failure.getMessage());
              last.complete(Vertx.currentContext());
            });

    Completions completions = new Completions();
    completions.add(first, null);
    completions.add(second, new IllegalStateException("lost"));
    assertFalse(first.future().isComplete());
    completions.run();

    assertSame(one, last.join());
    assertEquals(List.of("first", "lost"), seen);
    vertx.close().await();
  }

  @Test
  void tellsTheOthersOfACallerWhoseHandlerThrows() {
    Vertx vertx = Vertx.vertx();
    Context one = vertx.getOrCreateContext();
    Waiter first = new Waiter(one, Promise.promise());
    Waiter second = new Waiter(one, Promise.promise());
    CompletableFuture<Throwable> reported = new CompletableFuture<>();
    one.exceptionHandler(reported::complete);
    IllegalStateException thrown = new IllegalStateException("boom");
    first
        .future()
        .onComplete(
            done -> {
              throw thrown;
            });

    Completions completions = new Completions();
    completions.add(first, null);
    completions.add(second, null);
    completions.run();

    assertSame(thrown, reported.join());
    assertTrue(second.future().succeeded());
    vertx.close().await();
  }

  @Test
  void tellsThemHereOnceTheVertxInstanceHasEnded() {
    Vertx vertx = Vertx.vertx();
    Waiter waiter = Waiter.here(vertx);
    Completions completions = new Completions();
    completions.add(waiter, null);
    vertx.close().await();

    completions.run();

    assertTrue(waiter.future().succeeded());
  }
}
