// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryContract;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** The contract on a real etcd. */
class EtcdRegistryContractIT extends RegistryContract {

  private static EtcdServer etcd;
  private static Vertx vertx;

  private final List<Registry> opened = new ArrayList<>();
  private String test = "";

  @BeforeAll
  static void startAll() {
    etcd = EtcdServer.start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopAll() {
    if (etcd != null) {
      await(vertx.close());
      etcd.close();
    }
  }

  @BeforeEach
  void nameAfterTest(TestInfo info) {
    test = info.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeAll() {
    opened.forEach(registry -> await(registry.close()));
  }

  @Override
  protected Registry open() {
    Registry registry = EtcdRegistry.create(vertx, etcd.options());
    opened.add(registry);
    return registry;
  }

  @Override
  protected void pass(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  @Override
  protected Duration patience() {
    return Duration.ofSeconds(10);
  }

  @Override
  protected String named(String name) {
    return name + "-" + test;
  }

  @Override
  protected RegisterOptions living() {
    return new RegisterOptions(Duration.ofSeconds(3), Duration.ofMillis(500));
  }

  @Override
  protected RegisterOptions silent() {
    return new RegisterOptions(Duration.ofSeconds(2), Duration.ZERO);
  }
}
