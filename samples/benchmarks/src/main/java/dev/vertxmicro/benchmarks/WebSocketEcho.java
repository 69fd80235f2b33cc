// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;

/**
 * The peer of the clients that speak over WebSockets: sends each message back, which is a reply to
 * it, as it holds the id of the request. On one event loop.
 */
public final class WebSocketEcho {

  /** The largest message of these clients, and more. */
  static final int MOST_BYTES = 1 << 20;

  private WebSocketEcho() {}

  /** Prints the port, then serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    vertx
        .createHttpServer(
            new HttpServerOptions()
                .setMaxWebSocketFrameSize(MOST_BYTES)
                .setMaxWebSocketMessageSize(MOST_BYTES))
        .webSocketHandler(socket -> socket.textMessageHandler(socket::writeTextMessage))
        .listen(0, "127.0.0.1")
        .onSuccess(server -> System.out.println(server.actualPort()))
        .onFailure(
            failure -> {
              System.err.println(failure);
              System.exit(1);
            });
    while (System.in.read() >= 0) {
      // until the parent goes
    }
    System.exit(0);
  }
}
