// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A gRPC server on plain HTTP/2 that answers each request with its own body: at once, or when its
 * gate opens. It can be killed: everything that is open is cut.
 */
final class EchoNode {

  private final HttpServer server;
  private final Consumer<String> answered;
  private final List<Runnable> waiting = new ArrayList<>();
  private boolean open;

  /** How often each body was received. */
  final Map<String, Integer> received = new ConcurrentHashMap<>();

  private EchoNode(Vertx vertx, Consumer<String> answered) {
    this.answered = answered;
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(100)));
    server.requestHandler(request -> request.body().onSuccess(body -> received(request, body)));
  }

  /**
   * Starts a node on a free port of the loopback interface, its gate closed.
   *
   * @param answered told the body of each answer, on the node's event loop
   */
  static Future<EchoNode> start(Vertx vertx, Consumer<String> answered) {
    EchoNode node = new EchoNode(vertx, answered);
    return node.server.listen(0, "127.0.0.1").map(node);
  }

  String address() {
    return "127.0.0.1:" + server.actualPort();
  }

  private synchronized void received(HttpServerRequest request, Buffer framed) {
    received.merge(framed.getString(5, framed.length()), 1, Integer::sum);
    if (open) {
      answer(request.response(), framed);
    } else {
      waiting.add(() -> answer(request.response(), framed));
    }
  }

  private void answer(HttpServerResponse response, Buffer framed) {
    answered.accept(framed.getString(5, framed.length()));
    response.putHeader("content-type", "application/grpc+bytes");
    response.putTrailer("grpc-status", "0");
    // An answer to a caller whose connection is cut goes nowhere.
    response.end(framed);
  }

  /** Answers what waits, and from now on everything at once. */
  synchronized void openGate() {
    open = true;
    waiting.forEach(Runnable::run);
    waiting.clear();
  }

  /** Cuts all connections and listens no more. */
  Future<Void> kill() {
    return server.close();
  }
}
