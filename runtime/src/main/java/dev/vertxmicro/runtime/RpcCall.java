// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.Future;

/**
 * A call that runs.
 *
 * @param <R> the reply body's type
 */
public interface RpcCall<R> {

  /**
   * Returns the reply's body. Completes on the Vert.x context that started the call; fails with
   * {@link dev.vertxmicro.errors.RpcException}.
   */
  Future<R> reply();

  /** Returns the reply with headers, trailers, node and attempts; fails as {@link #reply()}. */
  Future<Reply<R>> response();

  /**
   * Gives the call up: it fails with CANCELLED, code 499, its attempts are cancelled on the wire,
   * and nothing of it is sent afterwards. Does nothing once the call has ended. May be called from
   * any thread.
   *
   * @param reason becomes part of the failure's detail
   */
  void cancel(String reason);
}
