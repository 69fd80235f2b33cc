// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;

/** The failures of backends. */
final class Failures {

  private Failures() {}

  /** A write came after the end of its term, and has not happened. */
  static RpcException termIsOver() {
    return RpcException.client(GrpcStatus.ABORTED, "this master leads no longer")
        .processed(Processed.REFUSED)
        .build();
  }

  static RpcException closed() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the backend is closed").build();
  }
}
