// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.HomeContract;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import java.time.Duration;

class HomeTest extends HomeContract {

  @Override
  protected Transport newTransport(Vertx vertx, TimeSource time) {
    return SkynetTransport.create(vertx, time, new CountingObserver(), new SkynetOptions(), null);
  }

  @Override
  protected Duration idleTimeout() {
    return SkynetOptions.DEFAULT_IDLE_TIMEOUT;
  }

  /** To an address that is none, so that nothing is dialled. */
  @Override
  protected Exchange send(Transport transport) {
    Node node = Node.builder("n-1", "nowhere").protocol("skynet").build();
    return transport.send(node, Wire.request("@raw"), Deadline.NONE, SendOptions.DEFAULT);
  }
}
