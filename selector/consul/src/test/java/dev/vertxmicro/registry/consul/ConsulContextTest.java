// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConsulContextTest {

  /** Where the context is current, too. */
  @Test
  void tasksOfABlockingBlockRunOnTheEventLoop() {
    Vertx vertx = Vertx.vertx();
    Context context = vertx.getOrCreateContext();
    CompletableFuture<Boolean> onEventLoop = new CompletableFuture<>();

    context.executeBlocking(
        () -> {
          ConsulRegistry.eventLoopOf(context)
              .execute(() -> onEventLoop.complete(Context.isOnEventLoopThread()));
          return null;
        });

    assertTrue(onEventLoop.join());
    vertx.close().await();
  }
}
