// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryContract;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract of registries, on a real Consul. */
class ConsulRegistryIT extends RegistryContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static Vertx vertx;
  private static ConsulServer consul;

  private final int test = TESTS.incrementAndGet();
  private final List<Registry> opened = new ArrayList<>();

  @BeforeAll
  static void start() {
    consul = ConsulServer.forgetful();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    if (consul != null) {
      consul.close();
      await(vertx.close());
    }
  }

  @AfterEach
  void close() {
    opened.forEach(registry -> await(registry.close()));
  }

  @Override
  protected Registry open() {
    Registry registry =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    opened.add(registry);
    return registry;
  }

  @Override
  protected String named(String name) {
    return name + "-" + test;
  }

  @Override
  protected Duration patience() {
    return Duration.ofSeconds(20);
  }

  @Override
  protected RegisterOptions living() {
    return new RegisterOptions(Duration.ofSeconds(3), Duration.ofMillis(500));
  }

  @Override
  protected RegisterOptions silent() {
    return new RegisterOptions(Duration.ofSeconds(2), Duration.ZERO);
  }

  /** Consul has no place for metadata of a whole service that go-micro would read. */
  @Override
  protected Service kept(Service service) {
    Service.Builder kept = Service.builder(service.name()).version(service.version());
    service.endpoints().forEach(kept::endpoint);
    return kept.build().withNodes(service.nodes());
  }

  /** The server's time cannot be moved. */
  @Override
  protected void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }
}
