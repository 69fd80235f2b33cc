// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.Refusals;
import org.jspecify.annotations.Nullable;

/** The failures of requests that have left, or were to leave. */
final class Failures {

  private Failures() {}

  /** The request was not written whole, so that no server can have taken it for one. */
  static RpcException notWritten(String address, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "not sent to " + address + ": " + reason(cause))
        .cause(cause)
        .build();
  }

  /** The request was written, and the connection is gone without a whole answer. */
  static RpcException lost(String address, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "lost on the way to " + address + ": " + reason(cause))
        .processed(Processed.UNKNOWN)
        .cause(cause)
        .build();
  }

  /**
   * What came as an answer is none, or too large a one.
   *
   * @param saidOk whether its head was one of a server that has handled the request
   */
  static RpcException unreadable(String address, FramingException misfit, boolean saidOk) {
    return RpcException.client(misfit.status(), "answer of " + address + ": " + misfit.getMessage())
        .processed(saidOk ? Processed.YES : Processed.UNKNOWN)
        .build();
  }

  /** The transport closes and waits no longer. */
  static RpcException aborted(Processed processed) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
        .processed(processed)
        .build();
  }

  private static String reason(@Nullable Throwable cause) {
    return cause == null ? "the connection was closed" : Refusals.reason(cause);
  }
}
