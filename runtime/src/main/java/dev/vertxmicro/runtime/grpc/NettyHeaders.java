// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.metadata.Metadata;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Headers as Netty's codec holds them.
 *
 * @param headers not changed any more
 */
record NettyHeaders(Http2Headers headers) implements ReplyHeaders {

  @Override
  public @Nullable String get(String name) {
    CharSequence value = headers.get(name);
    return value == null ? null : value.toString();
  }

  @Override
  public Metadata metadata() {
    Metadata.Builder metadata = null;
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      String name = header.getKey().toString();
      if (!GrpcHeaders.isConsumed(name)) {
        metadata = metadata == null ? Metadata.builder() : metadata;
        metadata.addReceived(name, header.getValue().toString());
      }
    }
    return metadata == null ? Metadata.empty() : metadata.build();
  }
}
