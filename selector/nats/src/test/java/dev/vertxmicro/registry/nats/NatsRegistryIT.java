// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryContract;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract of registries, on a real NATS server. */
class NatsRegistryIT extends RegistryContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static Vertx vertx;
  private static NatsServer server;

  private final int test = TESTS.incrementAndGet();
  private final List<Registry> opened = new ArrayList<>();

  @BeforeAll
  static void start() {
    server = NatsServer.start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
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
        NatsRegistry.create(
            vertx,
            new NatsRegistryOptions()
                .setServers(List.of(server.url()))
                .setProbeInterval(Duration.ofSeconds(1))
                .setNodeTtl(Duration.ofSeconds(5)));
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
    return new RegisterOptions(Duration.ofSeconds(2), Duration.ofMillis(500));
  }

  @Override
  protected RegisterOptions silent() {
    return new RegisterOptions(Duration.ofSeconds(1), Duration.ZERO);
  }

  /** The clock of the machine cannot be moved. */
  @Override
  protected void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }
}
