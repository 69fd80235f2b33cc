// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

/**
 * The HTTP/2 path of an endpoint, by go-micro's rules (client/grpc/request.go):
 *
 * <pre>
 * /pkg.Greeter/Hello   as it is
 * Greeter.Hello        /service.Greeter/Hello, or /Greeter/Hello without a service
 * anything else        go-micro sends it as it is, and every server refuses it; so do we, at once
 * </pre>
 */
final class GrpcPath {

  private GrpcPath() {}

  /**
   * Returns the path.
   *
   * @throws IllegalArgumentException if no server could take it
   */
  static String of(String service, String endpoint) {
    String path;
    if (endpoint.startsWith("/")) {
      path = endpoint;
    } else {
      int dot = endpoint.indexOf('.');
      if (dot <= 0 || dot == endpoint.length() - 1 || endpoint.indexOf('.', dot + 1) >= 0) {
        throw malformed(endpoint);
      }
      String prefix = service.isEmpty() ? "/" : "/" + service + ".";
      path = prefix + endpoint.substring(0, dot) + "/" + endpoint.substring(dot + 1);
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c > '~') {
        throw malformed(path);
      }
    }
    return path;
  }

  private static IllegalArgumentException malformed(String endpoint) {
    return new IllegalArgumentException(
        "malformed method name: \"" + endpoint + "\" (expected: Type.Method or /pkg.Type/Method)");
  }
}
