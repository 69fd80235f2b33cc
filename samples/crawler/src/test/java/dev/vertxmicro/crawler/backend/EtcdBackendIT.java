// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.registry.etcd.EtcdServer;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class EtcdBackendIT extends BackendContract {

  private static EtcdServer etcd;

  @BeforeAll
  static void startEtcd() {
    etcd = EtcdServer.start();
  }

  @AfterAll
  static void stopEtcd() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @Override
  protected void clear() {
    etcd.deleteAll("/");
  }

  @Override
  protected Backend open(Vertx vertx, ElectionOptions options) {
    return EtcdBackend.create(vertx, etcd.options(), options);
  }

  @Override
  protected ElectionOptions options() {
    return new ElectionOptions(Duration.ofSeconds(1), Duration.ZERO);
  }
}
