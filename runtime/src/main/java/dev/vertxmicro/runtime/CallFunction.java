// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.Future;

/**
 * One attempt as call wrappers see it. Called on the context of the call; must not block. Not
 * generic, so that lambdas work.
 */
@FunctionalInterface
public interface CallFunction {

  /**
   * Makes the attempt.
   *
   * @param attempt the call, its node, and headers that can be added
   * @return the reply; a failure that is not an {@link dev.vertxmicro.errors.RpcException} counts
   *     as an internal error
   */
  Future<Reply<?>> call(CallContext attempt);
}
