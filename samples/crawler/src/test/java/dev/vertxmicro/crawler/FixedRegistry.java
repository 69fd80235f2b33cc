// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.Arrays;
import java.util.List;

/** A registry that knows the workers a test has given it, and answers at once. */
final class FixedRegistry implements Registry {

  private List<Node> nodes = List.of();
  private Handler<RegistryEvent> handler = event -> {};
  boolean watchFails;
  int watches;

  static Node worker(int id) {
    return Node.of(Greeter.SERVICE + "-" + id, "127.0.0.1:1190" + id);
  }

  /** Sets which workers are there, and reports it. */
  void set(Node... workers) {
    nodes = List.copyOf(Arrays.asList(workers));
    handler.handle(new RegistryEvent(RegistryEvent.Action.UPDATE, service()));
  }

  private Service service() {
    return Service.builder(Greeter.SERVICE).build().withNodes(nodes);
  }

  @Override
  public Future<List<Service>> get(String service) {
    return Future.succeededFuture(nodes.isEmpty() ? List.of() : List.of(service()));
  }

  @Override
  public Future<List<String>> list() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    watches++;
    this.handler = handler;
    return new Watch() {
      @Override
      public Future<Void> ready() {
        return watchFails ? Future.failedFuture("no watch") : Future.succeededFuture();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
