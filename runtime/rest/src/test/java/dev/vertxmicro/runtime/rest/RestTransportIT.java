// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportContract;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.runtime.transport.TransportPeer;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/**
 * The contract of transports as far as HTTP goes: the time that remains is not told, and of an
 * error status and text arrive. Streams are no messages both ways, but one body and one answer: see
 * {@link RestStreamIT}.
 */
class RestTransportIT extends TransportContract {

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    return new RestTransports().create(vertx, time, observer, limits);
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return RestPeer.start(vertx);
  }

  @Override
  protected boolean tellsDeadline() {
    return false;
  }

  @Override
  protected boolean carriesErrors() {
    return false;
  }

  /** The status of an error has been an HTTP status on the way. */
  @Override
  protected GrpcStatus arrivesAs(GrpcStatus status) {
    return Failures.grpcStatus(status.microCode());
  }
}
