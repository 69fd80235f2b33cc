// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.Future;

/**
 * Answers the calls of one endpoint.
 *
 * @param <Q> the type of the request
 * @param <R> the type of the reply
 */
@FunctionalInterface
public interface ServerHandler<Q, R> {

  /**
   * Answers one call. Runs on the call's own Vert.x context, a duplicate of the server's: it must
   * not block there. Calls of an {@code RpcClient} made on this context inherit the deadline.
   *
   * <p>A future that fails with {@link dev.vertxmicro.errors.RpcException} is sent as that error;
   * any other failure is sent as UNKNOWN with its message. What is thrown, unless it is an {@code
   * RpcException}, is sent as go-micro's recovered panic (INTERNAL) and logged.
   *
   * @param request what the caller sent
   * @param call the rest: metadata, deadline, cancellation, reply headers
   */
  Future<R> handle(Q request, ServerCall call);
}
