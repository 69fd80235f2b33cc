// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.Set;

/** What the headers of a request said, once they are found good. */
record RequestHead(String contentType, Codec codec, Metadata metadata, Deadline deadline) {

  /** What handlers do not see: the protocol's own, and go-micro's as in its server. */
  private static final Set<String> HIDDEN =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "grpc-accept-encoding",
          "grpc-encoding",
          "grpc-timeout",
          "te",
          "timeout",
          "x-content-type");

  /** Returns the metadata in {@code headers}, without what metadata cannot hold. */
  static Metadata metadata(MultiMap headers) {
    Metadata.Builder metadata = Metadata.builder();
    for (Map.Entry<String, String> header : headers) {
      if (!HIDDEN.contains(header.getKey())) {
        metadata.addReceived(header.getKey(), header.getValue());
      }
    }
    return metadata.build();
  }
}
