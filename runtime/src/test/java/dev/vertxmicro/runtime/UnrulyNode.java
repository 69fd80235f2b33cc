// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Random;

/**
 * A gRPC server that sends the bytes of each request back, unless it resets the stream before,
 * while or after it answers, says GOAWAY, or lets the windows of the client run dry for a while.
 */
final class UnrulyNode {

  private static final long[] RESETS = {0, 2, 7, 8, 11};
  private static final long STALL_MILLIS = 15;
  private static final int ODDS = 1_000;

  private final Vertx vertx;
  private final Random random;
  private final HttpServer server;

  private UnrulyNode(Vertx vertx, long seed) {
    this.vertx = vertx;
    this.random = new Random(seed);
    // Large requests fill the usual window of 64 KB when they are not read; callers cancel at will.
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setHttp2RstFloodMaxRstFramePerWindow(Integer.MAX_VALUE);
    this.server = vertx.createHttpServer(options).requestHandler(this::serve);
  }

  static UnrulyNode start(Vertx vertx, long seed) {
    UnrulyNode node = new UnrulyNode(vertx, seed);
    Bench.await(node.server.listen());
    return node;
  }

  int port() {
    return server.actualPort();
  }

  private void serve(HttpServerRequest request) {
    // What is written to a stream or a connection that is gone is of no interest.
    request.exceptionHandler(gone -> {});
    request.response().exceptionHandler(gone -> {});
    int draw = random.nextInt(ODDS);
    if (draw < 10) {
      request.response().reset(RESETS[draw % RESETS.length]);
    } else if (draw < 13) {
      int last = Math.max(0, request.streamId() - 2 * random.nextInt(10));
      request.connection().goAway(0, last);
      answer(request);
    } else if (draw < 16) {
      request.connection().shutdown();
      answer(request);
    } else if (draw < 40) {
      request.pause();
      vertx.setTimer(STALL_MILLIS, later -> request.resume());
      answer(request);
    } else {
      answer(request);
    }
  }

  private void answer(HttpServerRequest request) {
    request.body().onSuccess(body -> answer(request, body, random.nextInt(ODDS)));
  }

  private void answer(HttpServerRequest request, Buffer body, int draw) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.putHeader("content-type", request.getHeader("content-type"));
    response.putTrailer("grpc-status", "0");
    if (draw < 5) {
      response.write(body.getBuffer(0, body.length() / 2));
      response.reset(RESETS[draw % RESETS.length]);
    } else if (draw < 20) {
      Future<Void> half = response.write(body.getBuffer(0, body.length() / 2));
      half.onSuccess(
          written ->
              vertx.setTimer(
                  STALL_MILLIS,
                  later -> response.end(body.getBuffer(body.length() / 2, body.length()))));
    } else if (draw < 30) {
      vertx.setTimer(STALL_MILLIS, later -> response.end(body));
    } else {
      response.end(body);
    }
  }
}
