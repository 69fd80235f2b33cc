// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.http.StreamResetException;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcErrorException;
import org.jspecify.annotations.Nullable;

/** What the failures that vertx-grpc-client reports stand for, as far as they tell. */
final class VertxGrpcFailures {

  /** An error code of HTTP/2. */
  private static final long INTERNAL_ERROR = 2;

  private VertxGrpcFailures() {}

  /** There was no head, or none of gRPC. */
  static RpcException ofHead(String address, Throwable failure) {
    if (failure instanceof GrpcErrorException reset) {
      return reset(address, reset.error(), false);
    }
    if (failure instanceof NumberFormatException) {
      return foreign("grpc-status is no number");
    }
    if (String.valueOf(failure.getMessage()).contains("content-type")) {
      return foreign(failure.getMessage());
    }
    return Failures.lost(address, Processed.UNKNOWN, failure);
  }

  private static RpcException foreign(@Nullable String why) {
    return RpcException.client(GrpcStatus.UNKNOWN, "not a gRPC answer: " + why)
        .processed(Processed.UNKNOWN)
        .build();
  }

  /** Vert.x has no {@code error} for some codes; it knows no difference among them. */
  static RpcException reset(String address, @Nullable GrpcError error, boolean answering) {
    boolean refused = error == GrpcError.UNAVAILABLE && !answering;
    StreamResetException cause =
        new StreamResetException(error == null ? INTERNAL_ERROR : error.http2ResetCode);
    return Failures.lost(address, refused ? Processed.REFUSED : Processed.UNKNOWN, cause);
  }
}
