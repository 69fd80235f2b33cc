// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static dev.vertxmicro.runtime.rest.Waiting.await;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TransportPeer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An HTTP server of Vert.x for the contract of transports. */
final class RestPeer implements TransportPeer {

  private final HttpServer server;
  private volatile @Nullable Consumer<Call> calls;

  private RestPeer(Vertx vertx) {
    this.server = vertx.createHttpServer().requestHandler(this::take);
  }

  static RestPeer start(Vertx vertx) {
    RestPeer peer = new RestPeer(vertx);
    await(peer.server.listen(0, "127.0.0.1"));
    return peer;
  }

  private void take(HttpServerRequest request) {
    Promise<Void> cancelled = Promise.promise();
    request.exceptionHandler(lost -> cancelled.tryComplete());
    request.response().closeHandler(closed -> cancelled.tryComplete());
    request
        .body()
        .onSuccess(
            body -> {
              Consumer<Call> handler = calls;
              if (handler != null) {
                handler.accept(new Served(request, body, cancelled.future()));
              }
            });
  }

  @Override
  public Node node() {
    return at("rest", server.actualPort());
  }

  /** Nobody listens on port 1 of this machine. */
  @Override
  public Node absentNode() {
    return at("absent", 1);
  }

  private static Node at(String name, int port) {
    return Node.builder(name, "127.0.0.1:" + port).protocol("rest").build();
  }

  @Override
  public void serve(Consumer<Call> handler) {
    calls = handler;
  }

  @Override
  public void serveStreams(Consumer<Stream> handler) {
    throw new UnsupportedOperationException("see RestStreamIT");
  }

  @Override
  public void close() {
    await(server.close());
  }

  private record Served(HttpServerRequest request, Buffer body, Future<Void> cancelled)
      implements Call {

    @Override
    public String endpoint() {
      return request.path();
    }

    @Override
    public String contentType() {
      String type = request.getHeader("Content-Type");
      return type == null ? "" : type;
    }

    @Override
    public Metadata headers() {
      Metadata.Builder headers = Metadata.builder();
      request.headers().forEach(headers::add);
      return headers.build();
    }

    @Override
    public @Nullable Duration remaining() {
      return null;
    }

    @Override
    public void reply(Message reply) {
      HttpServerResponse response = request.response();
      String type = reply.contentType();
      response.putHeader("Content-Type", type.isEmpty() ? "application/octet-stream" : type);
      reply.headers().forEach((name, value) -> response.headers().add(name, value));
      if (!reply.trailers().isEmpty()) {
        response.setChunked(true);
        reply.trailers().forEach((name, value) -> response.trailers().add(name, value));
      }
      response.end(reply.body());
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      request
          .response()
          .setStatusCode(error.code())
          .end(new JsonObject().put("code", error.code()).put("message", error.detail()).encode());
    }
  }
}
