// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallersTest {

  @Test
  void completesOnTheContextOfTheCaller() {
    Vertx vertx = Vertx.vertx();
    Promise<String> elsewhere = Promise.promise();
    Context caller = vertx.getOrCreateContext();
    CompletableFuture<Context> seen = new CompletableFuture<>();
    caller.runOnContext(
        run -> {
          Callers.onCaller(vertx, elsewhere.future())
              .onComplete(done -> seen.complete(Vertx.currentContext()));
          vertx.runOnContext(other -> elsewhere.complete("done"));
        });
    assertSame(caller, seen.join());
    vertx.close().await();
  }

  @Test
  void completesWhereItIsOnceTheVertxInstanceHasEnded() {
    Vertx vertx = Vertx.vertx();
    Promise<String> elsewhere = Promise.promise();
    Promise<String> failing = Promise.promise();
    Future<String> succeeds = Callers.onCaller(vertx, elsewhere.future());
    Future<String> fails = Callers.onCaller(vertx, failing.future());
    vertx.close().await();
    elsewhere.complete("done");
    failing.fail("lost");
    assertEquals("done", succeeds.result());
    assertEquals("lost", fails.cause().getMessage());
  }
}
