// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.registry.Endpoint;
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
        ? new ServedStream<>(serving, this, streams, request, head)
        : new ServedCall<>(serving, this, Objects.requireNonNull(handler), request, head);
  }

  /** Returns the endpoint as it is registered; streams are marked as go-micro's servers do. */
  Endpoint described() {
    return streams == null
        ? Endpoint.of(name)
        : new Endpoint(name, null, null, Map.of("stream", "true"));
  }
}
