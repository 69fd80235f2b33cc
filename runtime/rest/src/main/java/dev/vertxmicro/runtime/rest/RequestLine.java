// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.Message;

/**
 * Method and target of a request, out of its endpoint and metadata.
 *
 * @param method in upper case
 * @param target path and query, as they are sent
 */
record RequestLine(String method, String target) {

  /**
   * Reads the line of a request.
   *
   * @throws IllegalArgumentException if it names no method or path that can be sent
   */
  static RequestLine of(Message request) {
    String endpoint = request.endpoint();
    int space = endpoint.indexOf(' ');
    String method = space < 0 ? "POST" : checkMethod(endpoint.substring(0, space));
    String target = request.headers().get(RestRequest.TARGET);
    if (target == null) {
      target = endpoint.substring(space + 1);
    }
    if (!target.startsWith("/")) {
      target = "/" + target;
    }
    checkTarget(target);
    return new RequestLine(method, target);
  }

  static String checkMethod(String method) {
    if (method.isEmpty()
        || method.equals("CONNECT")
        || !method.chars().allMatch(c -> c >= 'A' && c <= 'Z')) {
      throw new IllegalArgumentException(
          "method: '" + method + "' (expected: upper case letters, not CONNECT)");
    }
    return method;
  }

  private static void checkTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c > '~' || c == '{' || c == '}' || c == '#') {
        throw new IllegalArgumentException(
            "path: character U+%04X at %d (expected: percent-encoded, variables filled)"
                .formatted((int) c, i));
      }
    }
  }

  /** Tells whether a request without a body says so. */
  boolean tellsEmptyBody() {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /** Tells whether an answer never has a body. */
  boolean isHead() {
    return method.equals("HEAD");
  }
}
