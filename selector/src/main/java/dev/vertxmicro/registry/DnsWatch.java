// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A watch on a {@link DnsName}. It stands once there is an answer to compare others with. */
final class DnsWatch implements Watch {

  private final DnsRegistry registry;
  private final String service;
  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Promise<Void> ready = Promise.promise();
  private volatile boolean closed;

  // Touched at the home of the registry only.
  private @Nullable DnsName name;

  DnsWatch(
      DnsRegistry registry, String service, Handler<RegistryEvent> handler, Executor executor) {
    this.registry = registry;
    this.service = service;
    this.handler = handler;
    this.executor = executor;
  }

  String service() {
    return service;
  }

  void open(DnsName opened) {
    if (!closed) {
      name = opened;
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
    registry.atHome(
        () -> {
          if (name != null) {
            name.unwatch(this);
          }
        });
  }
}
