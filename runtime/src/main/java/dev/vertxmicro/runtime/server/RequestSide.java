// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Handler;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the handler of a stream has set to be told of its requests, and what it was told: each
 * message, then once how they ended. The end is told only to who has asked for messages since the
 * last pause, as it would come behind them.
 *
 * <p>A handler of the user that throws ends the stream. Used on the stream's context only.
 */
final class RequestSide<Q> {

  private final String endpoint;
  private final LongConsumer fetch;
  private final Runnable pause;
  private final Consumer<Runnable> runner;
  private final Consumer<Throwable> thrown;

  private boolean asked;
  private boolean allRead;
  private boolean endTold;
  private @Nullable RpcException failure;
  private boolean failureTold;
  private @Nullable Handler<Q> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  /**
   * Makes a side of which nothing is known yet.
   *
   * @param fetch asks for more messages
   * @param pause takes back what was asked for
   * @param runner runs handlers of the user, where they are to run
   * @param thrown told of what such a handler has thrown
   */
  RequestSide(
      String endpoint,
      LongConsumer fetch,
      Runnable pause,
      Consumer<Runnable> runner,
      Consumer<Throwable> thrown) {
    this.endpoint = endpoint;
    this.fetch = fetch;
    this.pause = pause;
    this.runner = runner;
    this.thrown = thrown;
  }

  // ---- what the user sets

  void handler(@Nullable Handler<Q> handler) {
    this.handler = handler;
  }

  void endHandler(@Nullable Handler<Void> handler) {
    endHandler = handler;
    tell();
  }

  void exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    tell();
  }

  void pause() {
    asked = false;
    pause.run();
  }

  void fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
    }
    if (amount > 0) {
      asked = true;
      fetch.accept(amount);
      tell();
    }
  }

  // ---- what comes

  void message(Q value) {
    Handler<Q> users = handler;
    if (users != null) {
      run(() -> users.handle(value));
    }
  }

  void allRead() {
    allRead = true;
    tell();
  }

  /** There will be no more requests, nor anybody who takes replies. */
  void failed(RpcException why) {
    failure = why;
    tell();
  }

  /** What a write fails with after the end. */
  RpcException ended() {
    RpcException why = failure;
    return why != null ? why : RpcException.cancelled("the stream has ended").build();
  }

  /** Tells what is to be told, each once. */
  private void tell() {
    Handler<Throwable> failed = exceptionHandler;
    RpcException why = failure;
    if (why != null && failed != null && !failureTold && !endTold) {
      failureTold = true;
      run(() -> failed.handle(why));
    }
    Handler<Void> ended = endHandler;
    if (allRead && why == null && ended != null && asked && !endTold) {
      endTold = true;
      run(() -> ended.handle(null));
    }
  }

  /** Runs a handler of the user; one that throws ends the stream. */
  void run(Runnable users) {
    runner.accept(
        () -> {
          try {
            users.run();
          } catch (Throwable broken) {
            Served.LOG.log(
                System.Logger.Level.WARNING, "handler of " + endpoint + " threw", broken);
            thrown.accept(broken);
          }
        });
  }
}
