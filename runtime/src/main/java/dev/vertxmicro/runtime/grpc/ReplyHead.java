// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import org.jspecify.annotations.Nullable;

/**
 * How a reply begins.
 *
 * @param httpStatus its HTTP status
 * @param headers its headers
 */
record ReplyHead(int httpStatus, ReplyHeaders headers) {

  @Nullable String contentType() {
    return headers.get(GrpcHeaders.CONTENT_TYPE);
  }

  /** Tells whether the one who answers speaks gRPC. */
  boolean isGrpc() {
    return ContentSubtype.isGrpc(contentType());
  }

  @Nullable String encoding() {
    return headers.get(GrpcHeaders.ENCODING);
  }
}
