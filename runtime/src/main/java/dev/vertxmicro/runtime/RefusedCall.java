// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;

/** A call that ended before it began: its Vert.x instance runs nothing any more. */
record RefusedCall<R>(RpcException failure) implements RpcCall<R> {

  @Override
  public Future<R> reply() {
    return Future.failedFuture(failure);
  }

  @Override
  public Future<Reply<R>> response() {
    return Future.failedFuture(failure);
  }

  @Override
  public void cancel(String reason) {}
}
