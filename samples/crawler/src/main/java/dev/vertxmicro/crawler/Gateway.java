// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers HTTP with JSON in the manner of grpc-gateway v2: a failure has the HTTP status that
 * belongs to its gRPC status, and a body of {@code code}, {@code message} and {@code details}; an
 * unknown path is NOT_FOUND, another method of a known path UNIMPLEMENTED. Bodies of more than 1
 * MiB are refused.
 */
final class Gateway {

  private static final int MOST_BYTES = 1 << 20;

  private final HttpServer server;

  private Gateway(HttpServer server) {
    this.server = server;
  }

  /** Listens on {@code address}. */
  static Future<Gateway> listen(Vertx vertx, ListenAddress address, List<GatewayRoute> routes) {
    HttpServerOptions options =
        new HttpServerOptions().setHost(address.host()).setPort(address.port()).setIdleTimeout(120);
    return address
        .named(
            vertx
                .createHttpServer(options)
                .requestHandler(request -> handle(routes, request))
                .listen())
        .map(Gateway::new);
  }

  int port() {
    return server.actualPort();
  }

  private static void handle(List<GatewayRoute> routes, HttpServerRequest request) {
    GatewayRoute route = null;
    boolean known = false;
    for (GatewayRoute candidate : routes) {
      if (candidate.path().equals(request.path())) {
        known = true;
        if (candidate.method().equals(request.method())) {
          route = candidate;
        }
      }
    }
    if (route == null) {
      fail(
          request,
          known ? GrpcStatus.UNIMPLEMENTED : GrpcStatus.NOT_FOUND,
          known ? "Method Not Allowed" : "Not Found");
      return;
    }
    read(request, route);
  }

  private static void read(HttpServerRequest request, GatewayRoute route) {
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() <= MOST_BYTES) {
            body.appendBuffer(part);
          }
        });
    request.endHandler(
        end -> {
          if (body.length() > MOST_BYTES) {
            fail(request, GrpcStatus.RESOURCE_EXHAUSTED, "a body of more than 1 MiB");
          } else {
            answer(request, route, body);
          }
        });
  }

  private static void answer(HttpServerRequest request, GatewayRoute route, Buffer body) {
    Future<String> answer;
    try {
      answer = route.handler().apply(request, body);
    } catch (IllegalArgumentException unreadable) {
      fail(request, GrpcStatus.INVALID_ARGUMENT, String.valueOf(unreadable.getMessage()));
      return;
    }
    answer
        .onSuccess(json -> end(request, 200, json))
        .onFailure(
            failure -> {
              RpcException why = RpcException.from(failure);
              fail(request, why.grpcStatus(), why.detail());
            });
  }

  private static void fail(HttpServerRequest request, GrpcStatus status, String message) {
    JsonObject body =
        new JsonObject()
            .put("code", status.code())
            .put("message", message)
            .put("details", new JsonArray());
    end(request, httpStatus(status), body.encode());
  }

  private static void end(HttpServerRequest request, int status, @Nullable String json) {
    if (!request.response().closed()) {
      request
          .response()
          .setStatusCode(status)
          .putHeader("content-type", "application/json")
          .end(json == null ? "" : json);
    }
  }

  /** The status of grpc-gateway v2 (runtime/errors.go). */
  static int httpStatus(GrpcStatus status) {
    return switch (status) {
      case OK -> 200;
      case CANCELLED -> 499;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case DEADLINE_EXCEEDED -> 504;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case PERMISSION_DENIED -> 403;
      case UNAUTHENTICATED -> 401;
      case RESOURCE_EXHAUSTED -> 429;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
    };
  }

  Future<Void> close() {
    return server.close();
  }
}
