// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;

/** Makes a transport that a {@code ServiceLoader} finds. Implemented by plug-ins. */
public interface TransportProvider {

  /** Returns the protocol of the transports it makes. */
  String protocol();

  /**
   * Returns a new transport with default options.
   *
   * @param vertx what the transport runs on
   * @param time its clock
   * @param observer sees its connections, streams and queues
   * @param limits the first bounds of its pool
   */
  Transport create(Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits);
}
