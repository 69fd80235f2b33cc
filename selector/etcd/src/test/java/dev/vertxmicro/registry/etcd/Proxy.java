// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands between a client and a server on this machine, and can break what is between them. All of
 * it happens on one event loop.
 */
final class Proxy implements AutoCloseable {

  private enum Mode {
    PASSING,
    REFUSING,
    SILENT
  }

  private final Context context;
  private final NetClient client;
  private final NetServer server;
  private final int to;
  private final List<NetSocket> sockets = new ArrayList<>();
  private volatile Mode mode = Mode.PASSING;
  private volatile int connections;

  private Proxy(Vertx vertx, int to) {
    this.context = vertx.getOrCreateContext();
    this.client = vertx.createNetClient();
    this.server = vertx.createNetServer();
    this.to = to;
  }

  static Proxy start(Vertx vertx, int to) {
    Proxy proxy = new Proxy(vertx, to);
    proxy.server.connectHandler(proxy::connected);
    Following.await(proxy.server.listen(0, "127.0.0.1"));
    return proxy;
  }

  String address() {
    return "127.0.0.1:" + server.actualPort();
  }

  /** Returns how many connections there are from the client. */
  int connections() {
    return connections;
  }

  /** Closes what there is and refuses what comes. */
  void cut() {
    mode = Mode.REFUSING;
    context.runOnContext(v -> List.copyOf(sockets).forEach(NetSocket::close));
  }

  /** Takes all bytes and passes none on, as a network that has lost its way. */
  void swallow() {
    mode = Mode.SILENT;
  }

  void heal() {
    mode = Mode.PASSING;
  }

  private void connected(NetSocket from) {
    if (mode == Mode.REFUSING) {
      from.close();
      return;
    }
    connections++;
    sockets.add(from);
    from.pause();
    from.exceptionHandler(ignored -> from.close());
    client
        .connect(to, "127.0.0.1")
        .onFailure(ignored -> from.close())
        .onSuccess(
            there -> {
              sockets.add(there);
              there.exceptionHandler(ignored -> there.close());
              pass(from, there);
              pass(there, from);
              from.resume();
            });
    from.closeHandler(
        v -> {
          connections--;
          sockets.remove(from);
        });
  }

  private void pass(NetSocket one, NetSocket other) {
    one.handler(
        bytes -> {
          if (mode != Mode.SILENT) {
            other.write(bytes);
          }
        });
    one.endHandler(v -> other.close());
  }

  @Override
  public void close() {
    cut();
    Following.await(server.close());
    Following.await(client.close());
  }
}
