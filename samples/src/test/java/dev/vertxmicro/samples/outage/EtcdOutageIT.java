// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.etcd.EtcdRegistry;
import dev.vertxmicro.registry.etcd.EtcdServer;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;

class EtcdOutageIT extends RegistryOutageContract {

  private EtcdServer etcd;
  private boolean durable;

  @Override
  void startRegistry(boolean durable) {
    this.durable = durable;
    etcd = EtcdServer.start();
  }

  @AfterEach
  void stopRegistry() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @Override
  Registry open(Vertx vertx) {
    return EtcdRegistry.create(vertx, etcd.options());
  }

  @Override
  void killRegistry() {
    etcd.kill();
  }

  @Override
  void bringRegistryBack() {
    if (durable) {
      etcd.restart();
    } else {
      etcd.restartEmpty();
    }
  }
}
