// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import java.io.IOException;
import java.time.Duration;

/**
 * Opens connections with one agent of Vert.x, and keeps it reachable: an agent that nobody refers
 * to is shut down by Vert.x, with its connections.
 *
 * <p>A dial to a peer that accepts and then says nothing cannot be given up, except by closing the
 * agent. So a dialer is retired after such a dial, and closed when its last connection has gone.
 */
final class VertxDialer extends Dialer {

  private final HttpClientAgent agent;
  private final HttpConnectOptions to;

  VertxDialer(HttpClientAgent agent, HttpConnectOptions to) {
    this.agent = agent;
    this.to = to;
  }

  @Override
  Future<Connection> dial(ConnectionPool pool, Duration timeout) {
    try {
      return agent.connect(new HttpConnectOptions(to)).compose(http -> connected(pool, http));
    } catch (RuntimeException agentClosed) {
      return Future.failedFuture(agentClosed);
    }
  }

  private Future<Connection> connected(ConnectionPool pool, HttpClientConnection http) {
    if (!speaksHttp2(http)) {
      http.close();
      return Future.failedFuture(new IOException("the peer does not speak HTTP/2 (no ALPN h2)"));
    }
    return Future.succeededFuture(new VertxConnection(pool, this, http));
  }

  /** A TLS peer without ALPN is spoken to in HTTP/1.1 by Vert.x, which then knows no settings. */
  private static boolean speaksHttp2(HttpClientConnection http) {
    try {
      http.remoteSettings();
      return true;
    } catch (UnsupportedOperationException http1) {
      return false;
    }
  }

  @Override
  void close() {
    agent.close();
  }
}
