// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.StreamContract;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

class GrpcTransportIT extends StreamContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new GrpcTransports().create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return Http2Peer.start(vertx);
  }
}
