// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes WebSocket transports for clients that find it, or that were given one with options. */
public final class WebSocketTransports implements TransportProvider {

  private final WebSocketOptions options;

  /** Makes transports with default options. Called by the service loader. */
  public WebSocketTransports() {
    this(new WebSocketOptions());
  }

  /** Makes transports with these options, which are copied. */
  public WebSocketTransports(WebSocketOptions options) {
    this.options = new WebSocketOptions(options);
  }

  @Override
  public String protocol() {
    return WebSocketTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return WebSocketTransport.create(vertx, time, observer, options);
  }
}
