// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import io.vertx.core.Vertx;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class ConsulOutageIT extends RegistryOutageContract {

  private ConsulServer consul;

  @Override
  void startRegistry(boolean durable) {
    consul = durable ? ConsulServer.durable() : ConsulServer.forgetful();
  }

  @AfterEach
  void stopRegistry() {
    if (consul != null) {
      consul.close();
    }
  }

  @Override
  Registry open(Vertx vertx) {
    return ConsulRegistry.create(
        vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
  }

  @Override
  void killRegistry() {
    consul.kill();
  }

  @Override
  void bringRegistryBack() {
    consul.restart();
  }
}
