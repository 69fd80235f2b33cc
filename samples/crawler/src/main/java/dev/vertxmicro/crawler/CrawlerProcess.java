// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs one verticle until the process is told to end. */
final class CrawlerProcess {

  private static final int EVENT_LOOPS = 2;
  private static final long CLOSE_SECONDS = 15;

  private CrawlerProcess() {}

  /**
   * Runs until a signal ends the process, which then deregisters.
   *
   * @return 1 if the verticle does not start; else it does not return
   */
  static int run(VerticleBase verticle, PrintStream err) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(vertx), "end"));
    try {
      vertx.deployVerticle(verticle).await();
      new CountDownLatch(1).await();
      return 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (Exception failure) { // of any kind: await throws what the future fails with
      err.println("crawler: " + failure.getMessage());
      return 1;
    }
  }

  private static void close(Vertx vertx) {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      System.err.println("crawler: not all was closed: " + failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
