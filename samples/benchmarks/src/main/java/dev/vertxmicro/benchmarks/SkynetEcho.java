// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.runtime.skynet.SkynetServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;

/** The node of the clients that speak skynet: returns its arguments, on one event loop. */
public final class SkynetEcho {

  private SkynetEcho() {}

  /** Prints the port, then serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    SkynetServer server = SkynetServer.create(vertx);
    server.register("echo", call -> Future.succeededFuture(call.arguments()));
    server
        .open(0)
        .onSuccess(System.out::println)
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
