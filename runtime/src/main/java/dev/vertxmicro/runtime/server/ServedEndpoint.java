// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.TypeRef;

/** One endpoint and who answers it. */
record ServedEndpoint<Q, R>(String name, TypeRef<Q> requestType, ServerHandler<Q, R> handler) {

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
}
