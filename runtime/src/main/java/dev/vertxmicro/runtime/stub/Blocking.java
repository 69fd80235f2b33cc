// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * Waits for results, for stubs whose methods block: on a virtual thread, of Vert.x or not, or on a
 * platform thread that is not of Vert.x.
 *
 * <p>Each method throws what the future fails with, and IllegalStateException on an event loop or a
 * worker thread of Vert.x, before anything has been started. A thread that is interrupted while it
 * waits gets an {@link RpcException} with CANCELLED, code 499, and stays interrupted.
 */
public final class Blocking {

  private Blocking() {}

  /** Calls and waits for the reply's body; the call is cancelled if the thread is interrupted. */
  public static <Q, R> R call(RpcClient client, Request<Q, R> request, CallOption... options) {
    checkThread();
    RpcCall<R> call = client.start(request, options);
    try {
      return await(call.reply());
    } catch (InterruptedException e) {
      call.cancel("interrupted");
      throw interrupted();
    }
  }

  /** Starts something and waits for its result; it goes on if the thread is interrupted. */
  public static <T> T await(Supplier<Future<T>> start) {
    checkThread();
    try {
      return await(start.get());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /**
   * {@link Future#await()} throws whatever the future has failed with, and InterruptedException,
   * without declaring either.
   */
  @SuppressWarnings("RedundantThrows")
  private static <T> T await(Future<T> future) throws InterruptedException {
    return future.await();
  }

  private static void checkThread() {
    if (Context.isOnVertxThread()) {
      throw new IllegalStateException(
          "thread: "
              + Thread.currentThread().getName()
              + " (expected: a virtual thread, or one that is not of Vert.x, as the call blocks)");
    }
  }

  private static RpcException interrupted() {
    Thread.currentThread().interrupt();
    return RpcException.cancelled("interrupted").build();
  }
}
