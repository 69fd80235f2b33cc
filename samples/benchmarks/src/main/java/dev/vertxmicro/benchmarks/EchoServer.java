// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import java.io.IOException;

/** The server of all clients: answers each request with its own bytes, on one event loop. */
public final class EchoServer {

  private EchoServer() {}

  /** Prints the port, then serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    GrpcServer echo = GrpcServer.server(vertx);
    echo.callHandler(
        ServiceMethod.server(
            ServiceName.create("bench", "Echo"),
            "Echo",
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY),
        request -> request.handler(message -> reply(request.response(), message)));
    echo.callHandler(
        ServiceMethod.server(
            ServiceName.create("bench", "Echo"),
            "Stream",
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY),
        request -> {
          request.handler(message -> request.response().write(message));
          request.endHandler(end -> request.response().end());
        });
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setHttp2ConnectionWindowSize(1 << 20)
            .setInitialSettings(
                new Http2Settings().setMaxConcurrentStreams(10_000).setInitialWindowSize(1 << 20));
    vertx
        .createHttpServer(options)
        .requestHandler(echo)
        .listen()
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

  private static void reply(
      io.vertx.grpc.server.GrpcServerResponse<Buffer, Buffer> response, Buffer message) {
    response.end(message);
  }
}
