// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Writes down what a server registers, and answers when the test says so. */
final class RecordingRegistry implements Registry {

  final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  volatile Future<Void> registering = Future.succeededFuture();
  volatile Future<Void> deregistering = Future.succeededFuture();
  volatile Service registered;
  volatile boolean deregistered;
  volatile RegisterOptions options;

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    registered = service;
    this.options = options;
    events.add("register");
    return registering.map(
        done ->
            new Registration() {
              @Override
              public Service service() {
                return service;
              }

              @Override
              public Future<Void> close() {
                deregistered = true;
                events.add("deregister");
                return deregistering;
              }
            });
  }

  @Override
  public Future<List<Service>> get(String service) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<String>> list() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> close() {
    throw new UnsupportedOperationException();
  }
}
