// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;

/**
 * Opens connections with one agent of Vert.x, and keeps it reachable: an agent that nobody refers
 * to is shut down by Vert.x, with its connections.
 *
 * <p>A dial to a peer that accepts and then says nothing cannot be given up, except by closing the
 * agent. So a dialer is retired after such a dial, and closed when its last connection has gone.
 */
final class Dialer {

  private final HttpClientAgent agent;
  private final HttpConnectOptions to;
  private int connections;
  private boolean retired;

  Dialer(HttpClientAgent agent, HttpConnectOptions to) {
    this.agent = agent;
    this.to = to;
  }

  /** Opens a connection; called as the context that is to own it. */
  Future<HttpClientConnection> dial() {
    try {
      return agent.connect(new HttpConnectOptions(to));
    } catch (RuntimeException agentClosed) {
      return Future.failedFuture(agentClosed);
    }
  }

  void connectionOpened() {
    connections++;
  }

  void connectionClosed() {
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
      agent.close();
    }
  }
}
