// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;

/** The server of the clients that speak HTTP/1.1: sends each body back, on one event loop. */
public final class HttpEcho {

  private HttpEcho() {}

  /** Prints the port, then serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    vertx
        .createHttpServer()
        .requestHandler(request -> request.body().onSuccess(request.response()::end))
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
