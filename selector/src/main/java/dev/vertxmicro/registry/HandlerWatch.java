// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;

/** What watches have in common: a handler that is called on its executor until the close. */
abstract class HandlerWatch implements Watch {

  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Promise<Void> ready = Promise.promise();
  private volatile boolean closed;

  HandlerWatch(Handler<RegistryEvent> handler, Executor executor) {
    this.handler = handler;
    this.executor = executor;
  }

  /** Tells that the watch stands. */
  final void stand() {
    ready.tryComplete();
  }

  /** Tells that the watch stands once {@code standing} has succeeded. */
  final void standAfter(Future<Void> standing) {
    standing.onSuccess(done -> ready.tryComplete()).onFailure(ready::tryFail);
  }

  /** Ends the watch; it fails if it did not stand yet. */
  final void fail(RpcException failure) {
    closed = true;
    ready.tryFail(failure);
  }

  /** Hands an event to the handler. Whoever delivers gives the order. */
  final void deliver(RegistryEvent event) {
    executor.execute(
        () -> {
          if (!closed) {
            handler.handle(event);
          }
        });
  }

  final boolean isClosed() {
    return closed;
  }

  @Override
  public final Future<Void> ready() {
    return ready.future();
  }

  /** No event comes after it, even if one is on its way to the executor. */
  @Override
  public void close() {
    closed = true;
  }
}
