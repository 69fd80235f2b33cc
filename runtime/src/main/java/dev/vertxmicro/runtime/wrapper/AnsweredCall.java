// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** A call whose outcome is known before it is made. */
final class AnsweredCall<R> implements RpcCall<R> {

  private final Future<Reply<R>> response;

  AnsweredCall(@Nullable Reply<R> reply, @Nullable RpcException failure) {
    Context caller = Vertx.currentContext();
    Promise<Reply<R>> promise = caller == null ? Promise.promise() : EventLoops.promise(caller);
    if (reply != null) {
      promise.complete(reply);
    } else {
      promise.fail(failure);
    }
    this.response = promise.future();
  }

  @Override
  public Future<R> reply() {
    return response.map(Reply::body);
  }

  @Override
  public Future<Reply<R>> response() {
    return response;
  }

  @Override
  public void cancel(String reason) {}
}
