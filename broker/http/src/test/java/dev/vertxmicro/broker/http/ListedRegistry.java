// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/** Says what a test has listed, and answers when the test lets it. Nothing can be registered. */
final class ListedRegistry implements Registry {

  private final List<Service> services = new ArrayList<>();
  private Future<List<Service>> answer = Future.succeededFuture(List.of());

  /** Lists a subscription; the id says which. */
  ListedRegistry with(String topic, String queue, String id) {
    return with(GoMicroNode.service(topic, queue, id, "127.0.0.1:" + port(id), false));
  }

  ListedRegistry with(Service service) {
    services.add(service);
    answer = Future.succeededFuture(List.copyOf(services));
    return this;
  }

  ListedRegistry without(String id) {
    services.removeIf(service -> service.nodes().get(0).id().equals(id));
    answer = Future.succeededFuture(List.copyOf(services));
    return this;
  }

  private static int port(String id) {
    return 1 + Math.floorMod(id.hashCode(), 65_000);
  }

  void fails(Throwable failure) {
    answer = Future.failedFuture(failure);
  }

  /** Does not answer until {@link #with} or the promise does. */
  Promise<List<Service>> hangs() {
    Promise<List<Service>> promise = Promise.promise();
    answer = promise.future();
    return promise;
  }

  List<Service> listed() {
    return List.copyOf(services);
  }

  List<Node> nodes() {
    return services.stream().flatMap(service -> service.nodes().stream()).toList();
  }

  @Override
  public Future<List<Service>> get(String service) {
    return answer;
  }

  @Override
  public Future<List<String>> list() {
    return Future.succeededFuture(List.of(GoMicroNode.SERVICE));
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture(new UnsupportedOperationException("register"));
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    throw new UnsupportedOperationException("watch");
  }

  @Override
  public boolean answersFromMemory() {
    return true;
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
