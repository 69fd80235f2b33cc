// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.StreamContract;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcTransportIT extends StreamContract {

  @Parameter GrpcEngine engine;

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new GrpcTransports(new GrpcOptions().setEngine(engine))
        .create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return Http2Peer.start(vertx);
  }
}
