// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static dev.vertxmicro.runtime.rest.Waiting.await;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that remembers what it was asked for and answers as a test wants. */
final class RecordingPeer implements AutoCloseable {

  /** What came. */
  record Seen(String line, String authorization, String contentType, String body) {}

  private final HttpServer server;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private volatile Handler<HttpServerRequest> answer = request -> request.response().end("{}");

  RecordingPeer(Vertx vertx) {
    this(vertx, new HttpServerOptions());
  }

  RecordingPeer(Vertx vertx, HttpServerOptions options) {
    server = vertx.createHttpServer(options).requestHandler(this::take);
    await(server.listen(0, "127.0.0.1"));
  }

  private void take(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              seen.add(
                  new Seen(
                      request.method() + " " + request.uri(),
                      String.valueOf(request.getHeader("Authorization")),
                      String.valueOf(request.getHeader("Content-Type")),
                      body.toString()));
              answer.handle(request);
            });
  }

  RecordingPeer answers(Handler<HttpServerRequest> handler) {
    answer = handler;
    return this;
  }

  RecordingPeer answers(String json) {
    return answers(request -> request.response().end(json));
  }

  RecordingPeer fails(int status, String body) {
    return answers(request -> request.response().setStatusCode(status).end(body));
  }

  /** Closes the connection of each request without an answer. */
  RecordingPeer hangsUp() {
    return answers(request -> request.connection().close());
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  String last() {
    return seen.get(seen.size() - 1).line();
  }

  int port() {
    return server.actualPort();
  }

  String multiaddr() {
    return "/ip4/127.0.0.1/tcp/" + port();
  }

  ClusterPeer peer() {
    return ClusterPeer.at(multiaddr());
  }

  @Override
  public void close() {
    await(server.close());
  }
}
