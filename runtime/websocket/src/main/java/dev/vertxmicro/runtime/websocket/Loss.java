// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.RpcException;

/** Why a connection gives up what it has: the failure depends on what has left by then. */
@FunctionalInterface
interface Loss {

  /**
   * Returns the failure of one request.
   *
   * @param written whether the system has had it whole, so that the peer may have acted
   */
  RpcException failure(boolean written);
}
