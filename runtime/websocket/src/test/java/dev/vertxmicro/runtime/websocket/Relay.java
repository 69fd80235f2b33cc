// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** Stands between a client and a cluster, and passes on what the cluster says byte by byte. */
final class Relay implements AutoCloseable {

  private final NetServer server;
  private final NetClient client;

  private Relay(NetServer server, NetClient client) {
    this.server = server;
    this.client = client;
  }

  static Relay start(Vertx vertx, int port) {
    NetClient client = vertx.createNetClient();
    NetServer server = vertx.createNetServer();
    server.connectHandler(
        caller -> {
          caller.pause();
          client
              .connect(port, "127.0.0.1")
              .onSuccess(peer -> join(vertx, caller, peer))
              .onFailure(gone -> caller.close());
        });
    Waits.await(server.listen(0, "127.0.0.1"));
    return new Relay(server, client);
  }

  private static void join(Vertx vertx, NetSocket caller, NetSocket peer) {
    peer.handler(bytes -> drip(vertx, caller, peer, bytes, 0));
    peer.closeHandler(v -> caller.close());
    caller.handler(peer::write);
    caller.closeHandler(v -> peer.close());
    caller.resume();
  }

  /** A task for each byte, so that each leaves alone. */
  private static void drip(Vertx vertx, NetSocket to, NetSocket from, Buffer bytes, int at) {
    if (at == 0) {
      from.pause();
    }
    if (at == bytes.length()) {
      from.resume();
      return;
    }
    to.write(bytes.getBuffer(at, at + 1))
        .onComplete(left -> vertx.runOnContext(v -> drip(vertx, to, from, bytes, at + 1)));
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    Waits.await(server.close());
    Waits.await(client.close());
  }
}
