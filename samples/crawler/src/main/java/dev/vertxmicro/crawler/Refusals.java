// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;

/** What masters answer when they do not do what they are asked. */
final class Refusals {

  private Refusals() {}

  /** The master cannot do it now, and has done nothing. */
  static RpcException unavailable(String why) {
    return of(503, GrpcStatus.UNAVAILABLE, why, Processed.REFUSED);
  }

  /** It is not known whether it was done. */
  static RpcException unknown(String why) {
    return of(503, GrpcStatus.UNAVAILABLE, why, Processed.UNKNOWN);
  }

  /** There is nobody to have a resource: the original's text and code. */
  static RpcException noWorkers() {
    return of(500, GrpcStatus.UNKNOWN, "no worker nodes", Processed.YES);
  }

  /** There is no resource of that name: the original's text, with a code that says what it is. */
  static RpcException noSuchTask() {
    return of(404, GrpcStatus.NOT_FOUND, "no such task", Processed.YES);
  }

  static RpcException unfit(String why) {
    return of(400, GrpcStatus.INVALID_ARGUMENT, why, Processed.YES);
  }

  static RpcException tooLate() {
    return of(408, GrpcStatus.DEADLINE_EXCEEDED, "its turn came too late", Processed.REFUSED);
  }

  private static RpcException of(int code, GrpcStatus status, String why, Processed processed) {
    return RpcException.of(RpcError.of(CrawlerMaster.SERVICE, code, why), status)
        .processed(processed)
        .build();
  }
}
