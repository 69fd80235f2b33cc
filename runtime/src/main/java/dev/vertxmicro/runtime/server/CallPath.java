// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import org.jspecify.annotations.Nullable;

/**
 * The handler and the method in a request's path. Of {@code /X/M}, the handler is what follows the
 * last dot of X (go-micro server/grpc and internal/util/grpc).
 *
 * @param handler for example {@code Greeter}
 * @param method for example {@code Hello}
 */
record CallPath(String handler, String method) {

  /** Returns the parts of {@code path}, or null unless it has exactly two segments, none empty. */
  static @Nullable CallPath parse(@Nullable String path) {
    if (path == null || path.isEmpty() || path.charAt(0) != '/') {
      return null;
    }
    int slash = path.indexOf('/', 1);
    if (slash < 0 || path.indexOf('/', slash + 1) >= 0) {
      return null;
    }
    String handler = path.substring(path.lastIndexOf('.', slash - 1) + 1, slash);
    String method = path.substring(slash + 1);
    if (handler.startsWith("/")) {
      handler = handler.substring(1);
    }
    return handler.isEmpty() || method.isEmpty() ? null : new CallPath(handler, method);
  }

  String endpoint() {
    return handler + "." + method;
  }
}
