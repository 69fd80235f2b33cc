// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportContract;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/**
 * The contract of transports as far as skynet's protocol goes: it has no metadata, no trailers, no
 * time that remains, no cancel and no streams, and of a failed service it tells that it failed.
 */
class SkynetTransportIT extends TransportContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new SkynetTransports().create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return SkynetPeer.start(vertx);
  }

  @Override
  protected boolean tellsCancel() {
    return false;
  }

  @Override
  protected boolean carriesMetadata() {
    return false;
  }

  @Override
  protected boolean tellsDeadline() {
    return false;
  }

  @Override
  protected boolean carriesErrors() {
    return false;
  }

  /** Whatever a service raises is "call failed". */
  @Override
  protected GrpcStatus arrivesAs(GrpcStatus status) {
    return GrpcStatus.UNKNOWN;
  }
}
