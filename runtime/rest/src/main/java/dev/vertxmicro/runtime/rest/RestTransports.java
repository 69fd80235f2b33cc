// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes REST transports for clients that find it, or that were given one with other options. */
public final class RestTransports implements TransportProvider {

  private final RestOptions options;

  /** Makes transports with default options. Called by the service loader. */
  public RestTransports() {
    this(new RestOptions());
  }

  /** Makes transports with these options, which are copied. */
  public RestTransports(RestOptions options) {
    this.options = new RestOptions(options);
  }

  @Override
  public String protocol() {
    return RestTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return RestTransport.create(vertx, time, observer, limits, options);
  }
}
