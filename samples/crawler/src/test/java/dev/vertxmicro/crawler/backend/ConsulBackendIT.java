// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.crawler.Http;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.registry.consul.ConsulOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ConsulBackendIT extends BackendContract {

  private static ConsulServer consul;

  @BeforeAll
  static void startConsul() {
    consul = ConsulServer.start(false, new JsonObject().put("session_ttl_min", "200ms"));
  }

  @AfterAll
  static void stopConsul() {
    if (consul != null) {
      consul.close();
    }
  }

  @Override
  protected void clear() {
    Http.send("DELETE", "http://" + consul.address() + "/v1/kv/?recurse=true", "");
  }

  @Override
  protected Backend open(Vertx vertx, ElectionOptions options) {
    return ConsulBackend.create(
        vertx, new ConsulOptions().setAddresses(List.of(consul.address())), options);
  }

  @Override
  protected ElectionOptions options() {
    return new ElectionOptions(Duration.ofMillis(600), Duration.ofMillis(200));
  }
}
