// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the look-ups on their way to a registry. */
record CountingRegistry(Registry registry, AtomicInteger lookUps) implements Registry {

  CountingRegistry(Registry registry) {
    this(registry, new AtomicInteger());
  }

  @Override
  public Future<List<Service>> get(String service) {
    lookUps.incrementAndGet();
    return registry.get(service);
  }

  @Override
  public Future<List<String>> list() {
    return registry.list();
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return registry.register(service, options);
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    return registry.watch(service, handler);
  }

  @Override
  public Future<Void> close() {
    return registry.close();
  }
}
