// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/**
 * Where the requests of one endpoint go, prepared once for each engine.
 *
 * @param path the HTTP/2 path
 * @param request the same for Vert.x
 */
record GrpcRoute(AsciiString path, RequestOptions request) {

  /**
   * Returns the route to an endpoint.
   *
   * @throws IllegalArgumentException if no server could take it
   */
  static GrpcRoute to(String service, String endpoint) {
    String path = GrpcPath.of(service, endpoint);
    return new GrpcRoute(
        AsciiString.of(path), new RequestOptions().setMethod(HttpMethod.POST).setURI(path));
  }
}
