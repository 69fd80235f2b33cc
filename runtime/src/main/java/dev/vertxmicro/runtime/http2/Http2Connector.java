// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import dev.vertxmicro.time.Nanos;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Opens HTTP/2 connections to one address, by TLS with ALPN or in clear text with prior knowledge.
 * Belongs to one event loop.
 */
public final class Http2Connector {

  private static final String H2 = "h2";

  private final NetClient client;
  private final ConnectOptions to;
  private final Http2Limits limits;
  private final SensitivityDetector unindexed;
  private final Set<ClientConnection> greeting = new HashSet<>();
  private boolean abandoned;

  /**
   * Makes a connector.
   *
   * @param client opens the sockets, and is closed with this
   * @param to where to, and how
   * @param unindexed tells which headers are not worth a place in the table of the compression
   */
  public Http2Connector(
      NetClient client, ConnectOptions to, Http2Limits limits, SensitivityDetector unindexed) {
    this.client = client;
    this.to = to;
    this.limits = limits;
    this.unindexed = unindexed;
  }

  /**
   * Opens a connection; called as the context that is to own it. Completes when the peer has sent
   * its SETTINGS; never does if the peer takes the connection and says nothing.
   *
   * @param timeout how long the socket may take to connect
   */
  public Future<ClientConnection> connect(Duration timeout) {
    int millis = (int) Math.min(Math.max(Nanos.millis(timeout), 1), Integer.MAX_VALUE);
    try {
      return client.connect(new ConnectOptions(to).setTimeout(millis)).compose(this::greet);
    } catch (RuntimeException clientClosed) {
      return Future.failedFuture(clientClosed);
    }
  }

  private Future<ClientConnection> greet(NetSocket socket) {
    if (abandoned) {
      socket.close();
      return Future.failedFuture(new IOException("the dial was given up"));
    }
    if (to.isSsl() && !H2.equals(socket.applicationLayerProtocol())) {
      socket.close();
      return Future.failedFuture(new IOException("the peer does not speak HTTP/2 (no ALPN h2)"));
    }
    ClientConnection connection = ClientConnection.create(limits, unindexed);
    SocketPipeline.take(socket, connection);
    greeting.add(connection);
    return connection.greeting().eventually(() -> greeted(connection));
  }

  private Future<Void> greeted(ClientConnection connection) {
    greeting.remove(connection);
    return Future.succeededFuture();
  }

  /** Gives up what has been dialled and has not greeted yet; what stands goes on. */
  public void abandon() {
    abandoned = true;
    Set.copyOf(greeting).forEach(ClientConnection::shutdown);
  }

  /** Closes everything that it has opened. */
  public void close() {
    client.close();
  }
}
