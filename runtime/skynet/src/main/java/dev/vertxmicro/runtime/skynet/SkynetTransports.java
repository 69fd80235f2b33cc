// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** Makes skynet transports for clients that find it, or that were given one with other options. */
public final class SkynetTransports implements TransportProvider {

  private final SkynetOptions options;
  private final @Nullable SkynetNodes nodes;

  /** Makes transports with default options. Called by the service loader. */
  public SkynetTransports() {
    this(new SkynetOptions());
  }

  /** Makes transports with these options, which are copied. */
  public SkynetTransports(SkynetOptions options) {
    this.options = new SkynetOptions(options);
    this.nodes = null;
  }

  /**
   * Makes transports that follow a table of nodes at once, as skynet does: a node that gets another
   * address or is taken out loses its connection. The same table is given to the client as its
   * registry.
   *
   * @param options copied
   */
  public SkynetTransports(SkynetOptions options, SkynetNodes nodes) {
    this.options = new SkynetOptions(options);
    this.nodes = nodes;
  }

  @Override
  public String protocol() {
    return SkynetTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return SkynetTransport.create(vertx, time, observer, options, nodes);
  }
}
