// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.http.HttpServerResponse;

/** Writes the head that all gRPC answers share. */
final class GrpcAnswer {

  private GrpcAnswer() {}

  /** Sets the headers; status 200 is Vert.x' default. */
  static void begin(HttpServerResponse response, String contentType) {
    response.headers().set("content-type", contentType).set("grpc-accept-encoding", "identity");
    // Vert.x adds a length to what ends at once; gRPC answers have none.
    response.headersEndHandler(writing -> response.headers().remove("content-length"));
  }

  /** Ends with a failure alone, in one HEADERS frame. */
  static void fail(HttpServerResponse response, String contentType, WireStatus status) {
    begin(response, contentType);
    status.writeTo(response.headers());
    response.end();
  }
}
