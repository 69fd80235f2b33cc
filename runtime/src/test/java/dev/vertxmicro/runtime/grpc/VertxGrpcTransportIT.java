// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.StreamContract;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

class VertxGrpcTransportIT extends StreamContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return VertxGrpcTransport.create(vertx, time, observer, new GrpcOptions());
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return Http2Peer.start(vertx);
  }

  /** Vert.x' gRPC client does not show its connections. */
  @Override
  protected boolean hasConnections() {
    return false;
  }
}
