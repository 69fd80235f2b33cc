// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A cluster that starts and watches over programs of this machine, as it is asked to over
 * WebSockets: list, run, rm, status, journal, kill_instance, start_stream and stop_stream. It can
 * be told to misbehave, see {@link Fault}.
 *
 * <p>It listens on 127.0.0.1 only, since whoever can connect can run anything as the user that runs
 * it; and it refuses pages of other origins, which browsers let connect to this machine, too. All
 * programs that it has started end when it is closed.
 */
public final class ClusterServer {

  private static final String HOST = "127.0.0.1";
  private static final int MOST_BYTES = 1 << 20;

  private final Context context;
  private final HttpServer server;
  private final ProcessCluster cluster;
  private final Vertx vertx;
  private final Set<ServedRequester> connections = new HashSet<>();
  private volatile Fault fault = Fault.NONE;

  private ClusterServer(Vertx vertx, Context context) {
    this.vertx = vertx;
    this.context = context;
    this.cluster = new ProcessCluster(vertx, context);
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setMaxWebSocketFrameSize(MOST_BYTES)
                    .setMaxWebSocketMessageSize(MOST_BYTES))
            .webSocketHandshakeHandler(this::check)
            .webSocketHandler(this::connected);
  }

  /**
   * Starts a cluster.
   *
   * @param port to listen on; 0: any free one
   */
  public static Future<ClusterServer> start(Vertx vertx, int port) {
    Context context = vertx.getOrCreateContext();
    Promise<ClusterServer> started = Promise.promise();
    context.runOnContext(
        v -> {
          ClusterServer server = new ClusterServer(vertx, context);
          server.server.listen(port, HOST).map(listening -> server).onComplete(started);
        });
    return started.future();
  }

  /** A browser says which page wants to connect; other programs may say nothing. */
  private void check(ServerWebSocketHandshake handshake) {
    String origin = handshake.headers().get("Origin");
    String host = handshake.headers().get("Host");
    if (origin == null || origin.equals("http://" + host)) {
      handshake.accept();
    } else {
      handshake.reject(403);
    }
  }

  private void connected(ServerWebSocket socket) {
    ServedRequester connection = new ServedRequester(vertx, socket, cluster, () -> fault);
    connections.add(connection);
    socket.closeHandler(
        v -> {
          connections.remove(connection);
          connection.closed();
        });
  }

  /** Returns where it listens, as the address of a node. */
  public String address() {
    return "ws://" + HOST + ":" + server.actualPort() + "/";
  }

  /** Misbehaves like that from now on, or no longer. */
  public void misbehave(Fault how) {
    fault = how;
  }

  /** Closes all connections, without a word. */
  public Future<Void> cutAll() {
    Promise<Void> cut = Promise.promise();
    context.runOnContext(
        v -> {
          List.copyOf(connections).forEach(ServedRequester::cut);
          cut.complete();
        });
    return cut.future();
  }

  /** Closes the server and ends all programs; completes when they have ended. */
  public Future<Void> close() {
    Promise<Void> ended = Promise.promise();
    context.runOnContext(v -> cluster.close().onComplete(ended));
    return server.close().eventually(ended::future);
  }
}
