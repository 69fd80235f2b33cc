// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.rest.HttpError;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.json.JsonObject;

/**
 * Retries what ipfs-cluster's own client retries, idempotent or not: failures without an answer,
 * and answers whose JSON has no {@code code}, or 0 (a quirk of it).
 */
final class FaithfulRetries implements RetryPolicy {

  @Override
  public boolean retry(CallInfo call, int attempt, RpcException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof HttpError answer) {
      JsonObject json = answer.status() < 400 ? null : answer.json();
      return json != null && code(json) == 0;
    }
    if (cause instanceof CodecException) {
      return false;
    }
    return failure.processed() == Processed.UNKNOWN
        || failure.grpcStatus() == GrpcStatus.UNAVAILABLE
        || failure.grpcStatus() == GrpcStatus.DEADLINE_EXCEEDED;
  }

  private static int code(JsonObject error) {
    return error.getValue("code") instanceof Number code ? code.intValue() : 0;
  }

  @Override
  public String toString() {
    return "FaithfulRetries";
  }
}
