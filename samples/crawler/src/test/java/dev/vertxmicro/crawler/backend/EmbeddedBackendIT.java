// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.Vertx;
import java.time.Duration;

class EmbeddedBackendIT extends BackendContract {

  private final EmbeddedStore store = new EmbeddedStore();

  @Override
  protected Backend open(Vertx vertx, ElectionOptions options) {
    return EmbeddedBackend.create(vertx, store, options);
  }

  @Override
  protected ElectionOptions options() {
    return new ElectionOptions(Duration.ofMillis(400), Duration.ZERO);
  }
}
