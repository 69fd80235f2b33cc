// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * Opens connections of a pool to its node, and holds what they share until the last of them has
 * gone. Belongs to the event loop.
 */
abstract class Dialer {

  private int connections;
  private boolean retired;

  /**
   * Opens a connection; called as the context that is to own it. Completes when the peer has sent
   * its SETTINGS, or fails; may do neither if the peer says nothing.
   *
   * @param timeout how long the caller is going to wait
   */
  abstract Future<Connection> dial(ConnectionPool pool, Duration timeout);

  /** Frees what the connections shared. */
  abstract void close();

  final void connectionOpened() {
    connections++;
  }

  final void connectionClosed() {
    connections--;
    closeIfUnused();
  }

  /** Dials no more; lets the connections live. */
  void retire() {
    retired = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (retired && connections == 0) {
      close();
    }
  }
}
