// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint and who answers it: one of both handlers, the other is null.
 *
 * @param handler answers unary calls
 * @param streams serves streams
 */
record ServedEndpoint<Q, R>(
    String name,
    TypeRef<Q> requestType,
    @Nullable ServerHandler<Q, R> handler,
    @Nullable StreamHandler<Q, R> streams) {

  ServedEndpoint {
    int dot = name.indexOf('.');
    if (dot <= 0
        || dot == name.length() - 1
        || name.indexOf('.', dot + 1) >= 0
        || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "endpoint: '" + name + "' (expected: Handler.Method, for example Greeter.Hello)");
    }
  }

  /** Makes what serves one request. */
  Served serve(Serving serving, HttpServerRequest request, RequestHead head) {
    return streams != null
        ? new ServedStream<>(serving, this, request, head)
        : new ServedCall<>(serving, this, request, head);
  }

  /** Has the handler answer a call; whatever it does wrong becomes a failure. */
  Future<R> handle(Q request, ServerCall call) {
    try {
      Future<R> reply = Objects.requireNonNull(handler, "handler").handle(request, call);
      return reply != null ? reply : Served.panic(name, returnedNull());
    } catch (RpcException typed) {
      return Future.failedFuture(typed);
    } catch (Throwable thrown) {
      return Served.panic(name, thrown);
    }
  }

  /** Has the handler serve a stream; whatever it does wrong becomes a failure. */
  Future<?> handle(ServerStream<Q, R> stream) {
    try {
      Future<?> handling = Objects.requireNonNull(streams, "streams").handle(stream);
      return handling != null ? handling : Served.panic(name, returnedNull());
    } catch (RpcException typed) {
      return Future.failedFuture(typed);
    } catch (Throwable thrown) {
      return Served.panic(name, thrown);
    }
  }

  private static NullPointerException returnedNull() {
    return new NullPointerException("the handler returned null");
  }

  /** Returns the endpoint as it is registered; streams are marked as go-micro's servers do. */
  Endpoint described() {
    return streams == null
        ? Endpoint.of(name)
        : new Endpoint(name, null, null, Map.of("stream", "true"));
  }
}
