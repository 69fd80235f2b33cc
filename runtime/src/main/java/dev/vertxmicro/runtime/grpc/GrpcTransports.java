// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes {@link GrpcTransport}s for clients. */
public final class GrpcTransports implements TransportProvider {

  private final GrpcOptions options;

  /** Makes transports with default options. Called by the service loader. */
  public GrpcTransports() {
    this(new GrpcOptions());
  }

  /** Makes transports with these options, which are copied. */
  public GrpcTransports(GrpcOptions options) {
    this.options = new GrpcOptions(options);
  }

  @Override
  public String protocol() {
    return GrpcTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return GrpcTransport.create(vertx, time, observer, limits, options);
  }
}
