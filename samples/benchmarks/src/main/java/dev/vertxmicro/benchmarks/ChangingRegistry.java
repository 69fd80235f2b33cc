// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;

/** A registry that knows one service and answers from memory; for one thread. */
final class ChangingRegistry implements Registry {

  private Future<List<Service>> answer = Future.succeededFuture(List.of());

  /** Answers {@code service} from now on, in a new list, as after any change. */
  void publish(Service service) {
    answer = Future.succeededFuture(List.of(service));
  }

  @Override
  public Future<List<Service>> get(String service) {
    return answer;
  }

  @Override
  public Future<List<String>> list() {
    return answer.map(services -> services.stream().map(Service::name).toList());
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
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
