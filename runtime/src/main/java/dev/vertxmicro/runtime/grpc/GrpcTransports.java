// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportProvider;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes {@link GrpcTransport}s with default options. */
public final class GrpcTransports implements TransportProvider {

  /** Called by the service loader. */
  public GrpcTransports() {}

  @Override
  public String protocol() {
    return GrpcTransport.PROTOCOL;
  }

  @Override
  public Transport create(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return GrpcTransport.create(vertx, time, observer, limits, new GrpcOptions());
  }
}
