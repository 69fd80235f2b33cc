// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.http2.Http2Connector;
import io.vertx.core.Future;
import java.time.Duration;

/** Opens own connections. A dial to a peer that says nothing is given up when it is retired. */
final class NettyDialer extends Dialer {

  private final Http2Connector connector;
  private final NettyHead heads;

  NettyDialer(Http2Connector connector, NettyHead heads) {
    this.connector = connector;
    this.heads = heads;
  }

  @Override
  Future<Connection> dial(ConnectionPool pool, Duration timeout) {
    return connector.connect(timeout).map(wire -> new NettyConnection(pool, this, wire, heads));
  }

  @Override
  void retire() {
    connector.abandon();
    super.retire();
  }

  @Override
  void close() {
    connector.close();
  }
}
