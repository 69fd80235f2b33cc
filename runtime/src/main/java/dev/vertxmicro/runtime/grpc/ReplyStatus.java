// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.PercentEncoding;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.errors.StatusDetails;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a reply that has ended went: {@code grpc-status} in the trailers, or in the head if
 * there is nothing else; without a readable one, the HTTP status.
 */
final class ReplyStatus {

  private static final int HTTP_OK = 200;

  private ReplyStatus() {}

  /** Returns the error that the reply stands for, or null if its message is to be read. */
  static @Nullable RpcException failure(ReplyHead head, ReplyHeaders trailers) {
    String status = trailers.get(GrpcHeaders.STATUS);
    ReplyHeaders source = trailers;
    if (status == null) {
      source = head.headers();
      status = source.get(GrpcHeaders.STATUS);
    }
    int code = status == null ? -1 : code(status);
    if (code <= 0 && !head.isGrpc()) {
      return foreign(head, "").build();
    }
    if (code == 0) {
      return null;
    }
    return code < 0 ? garbled(head, trailers, status) : error(GrpcStatus.ofCode(code), source);
  }

  /** Returns the error of an answer that is not gRPC, for example of a proxy on the way. */
  static RpcException.Builder foreign(ReplyHead head, String more) {
    String detail =
        "not a gRPC answer: HTTP %d, content-type %s%s"
            .formatted(head.httpStatus(), head.contentType(), more);
    return RpcException.client(GrpcStatus.ofHttpStatus(head.httpStatus()), detail)
        .processed(Processed.UNKNOWN)
        .metadata(head.headers().metadata());
  }

  /** A gRPC server has answered, and does not say how it went. */
  private static RpcException garbled(
      ReplyHead head, ReplyHeaders trailers, @Nullable String status) {
    int http = head.httpStatus();
    String detail = "HTTP " + http + " without a readable grpc-status: " + status;
    return RpcException.client(GrpcStatus.ofHttpStatus(http), detail)
        .processed(http == HTTP_OK ? Processed.YES : Processed.UNKNOWN)
        .metadata(trailers.metadata())
        .build();
  }

  /**
   * Returns the error that a reply stands for of which only its headers are known, and that it is
   * gRPC; null if its message is to be read.
   */
  static @Nullable RpcException failure(MultiMap headers, MultiMap trailers) {
    ReplyHeaders source =
        ReplyHeaders.of(trailers.contains(GrpcHeaders.STATUS) ? trailers : headers);
    String status = source.get(GrpcHeaders.STATUS);
    int code = status == null ? -1 : code(status);
    if (code < 0) {
      return RpcException.client(GrpcStatus.UNKNOWN, "no readable grpc-status: " + status)
          .processed(Processed.UNKNOWN)
          .metadata(GrpcHeaders.read(headers))
          .build();
    }
    return code == 0 ? null : error(GrpcStatus.ofCode(code), source);
  }

  private static RpcException error(GrpcStatus status, ReplyHeaders source) {
    String text = source.get(GrpcHeaders.MESSAGE);
    RpcError error =
        RpcError.fromGrpc(
            status,
            text == null ? "" : PercentEncoding.decode(text),
            StatusDetails.fromHeader(source.get(StatusDetails.HEADER)));
    return RpcException.of(error, status)
        .processed(Processed.YES)
        .metadata(source.metadata())
        .build();
  }

  /** Returns the number, or -1 if it is none; large ones are some unknown status. */
  private static int code(String status) {
    int code = 0;
    for (int i = 0; i < status.length(); i++) {
      char c = status.charAt(i);
      if (c < '0' || c > '9' || i == 9) {
        return -1;
      }
      code = code * 10 + c - '0';
    }
    return status.isEmpty() ? -1 : code;
  }
}
