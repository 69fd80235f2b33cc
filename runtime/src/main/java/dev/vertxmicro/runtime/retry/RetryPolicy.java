// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.errors.RpcException;

/**
 * Whether a failed attempt is worth another. Asked on the context of the call, must not block.
 *
 * <p>Not asked for requests that provably no server saw (NOT_SENT, REFUSED) while there are nodes
 * that the call has not tried: those are sent again anyway unless {@code transparentRetries} is
 * off.
 */
@FunctionalInterface
public interface RetryPolicy {

  /**
   * Tells whether to try again.
   *
   * @param call the call
   * @param attempt the attempt that failed, from 0
   * @param failure what happened; look at its code and {@code processed}, never at its text
   */
  boolean retry(CallInfo call, int attempt, RpcException failure);

  /** Never tries again. */
  static RetryPolicy never() {
    return Standard.NEVER;
  }

  /** Always tries again, also what a server has executed. */
  static RetryPolicy always() {
    return Standard.ALWAYS;
  }

  /** go-micro's RetryOnError since v4.10: code 408 only, whether idempotent or not. */
  static RetryPolicy onError() {
    return Standard.ON_ERROR;
  }

  /**
   * The default: what no server has acted on, and for idempotent calls also UNAVAILABLE,
   * DEADLINE_EXCEEDED of an attempt and RESOURCE_EXHAUSTED.
   */
  static RetryPolicy safe() {
    return Standard.SAFE;
  }

  /** The ready-made policies. */
  enum Standard implements RetryPolicy {
    /** See {@link RetryPolicy#never()}. */
    NEVER {
      @Override
      public boolean retry(CallInfo call, int attempt, RpcException failure) {
        return false;
      }
    },
    /** See {@link RetryPolicy#always()}. */
    ALWAYS {
      @Override
      public boolean retry(CallInfo call, int attempt, RpcException failure) {
        return true;
      }
    },
    /** See {@link RetryPolicy#onError()}. */
    ON_ERROR {
      @Override
      public boolean retry(CallInfo call, int attempt, RpcException failure) {
        return failure.code() == 408;
      }
    },
    /** See {@link RetryPolicy#safe()}. */
    SAFE {
      @Override
      public boolean retry(CallInfo call, int attempt, RpcException failure) {
        if (!call.idempotent() && !failure.processed().isSafeToResend()) {
          return false;
        }
        return switch (failure.grpcStatus()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> true;
          default -> false;
        };
      }
    }
  }
}
