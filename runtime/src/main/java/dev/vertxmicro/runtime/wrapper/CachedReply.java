// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.Reply;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reply as bytes: whoever takes it gets an object of his own, which he may change.
 *
 * @param contentType what the bytes are
 * @param body the bytes; null if the reply was a failure
 * @param headers what came before it
 * @param trailers what came after it
 * @param node who answered; null for a failure
 * @param failure the failure, or null
 */
record CachedReply(
    String contentType,
    @Nullable Buffer body,
    Metadata headers,
    Metadata trailers,
    @Nullable Node node,
    @Nullable RpcException failure) {

  private static final int FIELD_BYTES = 64;

  static CachedReply of(String contentType, Buffer body, Reply<?> reply) {
    return new CachedReply(
        contentType, body, reply.headers(), reply.trailers(), reply.node(), null);
  }

  static CachedReply of(RpcException failure) {
    return new CachedReply("", null, Metadata.empty(), Metadata.empty(), null, failure);
  }

  /**
   * Returns the reply.
   *
   * @throws RpcException if it was a failure
   * @throws dev.vertxmicro.codec.CodecException if it cannot be read
   */
  <R> Reply<R> read(Codecs codecs, TypeRef<R> type) {
    if (body == null || node == null) {
      throw failure == null ? RpcException.cancelled("no reply").build() : failure;
    }
    return Reply.of(codecs.decode(contentType, body, type), headers, trailers, node);
  }

  /** Returns how much memory it takes, more or less. */
  int bytes() {
    int bytes = body == null ? FIELD_BYTES : body.length();
    return bytes + bytes(headers) + bytes(trailers);
  }

  private static int bytes(Metadata metadata) {
    int bytes = 0;
    for (Map.Entry<String, String> field : metadata) {
      bytes += FIELD_BYTES + 2 * (field.getKey().length() + field.getValue().length());
    }
    return bytes;
  }
}
