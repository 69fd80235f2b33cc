// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.SendOptions;

/**
 * What goes out over a connection and may have to wait for it: a call, or the start of a stream.
 */
interface Waiting {

  /** Returns its bounds. */
  SendOptions options();

  /** Returns how many bytes it keeps while it waits. */
  int bytes();

  /** Says what it waits for. */
  void waitFor(Phase phase);

  /** Goes out, unless it was given up or is too late. */
  void send(ClusterConnection granted);

  /** There will be no connection. */
  void fail(RpcException failure);
}
