// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.Future;

/**
 * Serves the streams of one endpoint.
 *
 * @param <Q> the type of requests
 * @param <R> the type of replies
 */
@FunctionalInterface
public interface StreamHandler<Q, R> {

  /**
   * Serves one stream. Runs on the stream's own Vert.x context, as {@link ServerHandler#handle}
   * does. When it has returned the response head goes out, so that the caller knows that the stream
   * is served; reply headers are set before.
   *
   * @param stream requests and replies, paused
   * @return ends the stream: well when it succeeds, unless {@link ServerStream#end} did, or with
   *     its failure as {@link ServerHandler} says
   */
  Future<?> handle(ServerStream<Q, R> stream);
}
