// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.StreamContract;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

class MucpTransportIT extends StreamContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new MucpTransports().create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return MucpPeer.start(vertx);
  }

  /** An error has go-micro's code and no status. */
  @Override
  protected GrpcStatus arrivesAs(GrpcStatus status) {
    return GrpcStatus.ofMicroCode(status.microCode());
  }
}
