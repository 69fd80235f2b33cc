// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.Refusals;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.http.StreamResetException;

/**
 * The failures of requests that have left, or were to leave, each in the shape that go-micro's
 * client has.
 */
final class Failures {

  private static final int NO_ERROR = 0;
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int INADEQUATE_SECURITY = 12;

  private Failures() {}

  /** The request was not written whole. */
  static RpcException notWritten(String address, Throwable cause) {
    GrpcStatus status =
        isTooManyHeaders(cause) ? GrpcStatus.RESOURCE_EXHAUSTED : GrpcStatus.UNAVAILABLE;
    return RpcException.client(status, "not sent to " + address + ": " + reason(cause))
        .cause(cause)
        .build();
  }

  /** The request left, and its stream or connection failed. */
  static RpcException lost(String address, Processed processed, Throwable cause) {
    String what = processed == Processed.REFUSED ? "refused by " : "lost on the way to ";
    return RpcException.client(statusOf(cause), what + address + ": " + reason(cause))
        .processed(processed)
        .cause(cause)
        .build();
  }

  /** The server answered, and the answer is an error or no answer at all. */
  static RpcException.Builder answered(GrpcStatus status, String detail) {
    return RpcException.client(status, detail).processed(Processed.YES);
  }

  /** The server answered, and what came is no message. */
  static RpcException.Builder answered(FramingException misfit) {
    return answered(misfit.status(), misfit.getMessage());
  }

  static boolean isRefusedStream(Throwable failure) {
    return failure instanceof StreamResetException reset && reset.getCode() == REFUSED_STREAM;
  }

  /**
   * Tells whether a connection should get no more work after that failure of a stream. A stream
   * that could not be opened or written counts, whatever the reason: Vert.x goes on counting it as
   * open.
   */
  static boolean endsConnection(Throwable failure, boolean written) {
    if (failure instanceof StreamResetException || isTooManyHeaders(failure)) {
      return false;
    }
    return !written || !(failure instanceof Http2Exception.StreamException);
  }

  /** Tells whether a head was larger than its receiver has announced to take. */
  private static boolean isTooManyHeaders(Throwable failure) {
    return failure instanceof Http2Exception.HeaderListSizeException;
  }

  /** The table of gRPC's PROTOCOL-HTTP2.md for streams; what ends the connection is UNAVAILABLE. */
  private static GrpcStatus statusOf(Throwable failure) {
    if (failure instanceof StreamResetException reset) {
      return switch ((int) reset.getCode()) {
        case REFUSED_STREAM -> GrpcStatus.UNAVAILABLE;
        case CANCEL -> GrpcStatus.CANCELLED;
        case ENHANCE_YOUR_CALM -> GrpcStatus.RESOURCE_EXHAUSTED;
        case INADEQUATE_SECURITY -> GrpcStatus.PERMISSION_DENIED;
        default -> GrpcStatus.INTERNAL;
      };
    }
    return failure instanceof Http2Exception.StreamException
        ? GrpcStatus.INTERNAL
        : GrpcStatus.UNAVAILABLE;
  }

  private static String reason(Throwable cause) {
    if (cause instanceof StreamResetException reset) {
      return reset.getCode() == NO_ERROR
          ? "the stream ended before the reply"
          : "the stream was reset, code " + reset.getCode();
    }
    return Refusals.reason(cause);
  }
}
