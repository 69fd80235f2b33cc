// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes mucp transports for clients that find it, or that were given one with other options. */
public final class MucpTransports implements TransportProvider {

  private final MucpOptions options;

  /** Makes transports with default options. Called by the service loader. */
  public MucpTransports() {
    this(new MucpOptions());
  }

  /** Makes transports with these options, which are copied. */
  public MucpTransports(MucpOptions options) {
    this.options = new MucpOptions(options);
  }

  @Override
  public String protocol() {
    return MucpTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return MucpTransport.create(vertx, time, observer, limits, options);
  }
}
