// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** The headers or the trailers of a reply, however an engine holds them. */
interface ReplyHeaders {

  /** No headers at all. */
  ReplyHeaders NONE = of(MultiMap.caseInsensitiveMultiMap());

  /** Returns the first value of that name, which is in lower case, or null. */
  @Nullable String get(String name);

  /** Returns what they bring beyond the protocol's own. */
  Metadata metadata();

  /** Returns headers as Vert.x holds them. */
  static ReplyHeaders of(MultiMap headers) {
    return new ReplyHeaders() {
      @Override
      public @Nullable String get(String name) {
        return headers.get(name);
      }

      @Override
      public Metadata metadata() {
        return GrpcHeaders.read(headers);
      }
    };
  }
}
