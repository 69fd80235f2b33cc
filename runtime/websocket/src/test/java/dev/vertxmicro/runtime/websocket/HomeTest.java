// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.runtime.pooling.HomeContract;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

class HomeTest extends HomeContract {

  @Override
  protected Transport newTransport(Vertx vertx, TimeSource time) {
    return WebSocketTransport.of(
        vertx,
        time,
        new CountingObserver(),
        new WebSocketOptions(),
        () -> 0.5,
        () -> target -> Future.failedFuture("nobody is there"));
  }

  @Override
  protected Duration idleTimeout() {
    return WebSocketOptions.DEFAULT_IDLE_TIMEOUT;
  }

  @Override
  protected Exchange send(Transport transport) {
    Message request =
        Message.request("cluster", "Cluster.list")
            .contentType("application/json")
            .body(new JsonObject().toBuffer())
            .build();
    return transport.send(Desk.NODE, request, Deadline.NONE, SendOptions.DEFAULT);
  }
}
