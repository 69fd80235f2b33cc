// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One watch on a {@link PeerDirectory}. */
final class PeerWatch implements Watch {

  private final PeerRegistry registry;
  private final String service;
  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Promise<Void> ready = Promise.promise();
  private volatile boolean closed;

  // Touched at home only.
  private @Nullable PeerDirectory directory;

  PeerWatch(
      PeerRegistry registry, String service, Handler<RegistryEvent> handler, Executor executor) {
    this.registry = registry;
    this.service = service;
    this.handler = handler;
    this.executor = executor;
  }

  String service() {
    return service;
  }

  void open(PeerDirectory opened) {
    if (!closed) {
      directory = opened;
      opened.watch(this);
    }
  }

  void stand() {
    ready.tryComplete();
  }

  void fail(RpcException failure) {
    closed = true;
    ready.tryFail(failure);
  }

  void deliver(RegistryEvent event) {
    executor.execute(
        () -> {
          if (!closed) {
            handler.handle(event);
          }
        });
  }

  @Override
  public Future<Void> ready() {
    return ready.future();
  }

  @Override
  public void close() {
    closed = true;
    registry.run(
        () -> {
          PeerDirectory left = directory;
          directory = null;
          if (left != null) {
            left.unwatch(this);
          }
          ready.tryFail(registry.closedFailure());
        },
        () -> ready.tryFail(registry.closedFailure()));
  }

  @Override
  public String toString() {
    return "watch on service " + service;
  }
}
