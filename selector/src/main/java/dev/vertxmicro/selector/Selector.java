// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import io.vertx.core.Future;

/**
 * Opens the choice of nodes for one call.
 *
 * <p>Called by the attempt loop of the runtime, once per call; calls the registry. Every method may
 * be called from any thread.
 */
public interface Selector {

  /**
   * Opens the choice for one call.
   *
   * @param service the name of the service
   * @param options applied in order, later wins; filters add up
   * @return the choice, completed at once when the service is cached; fails with {@link
   *     dev.vertxmicro.errors.RpcException} code 404 if the service is unknown, 503 if it has no
   *     node left after filters or the registry cannot be reached. Both are NOT_SENT.
   */
  Future<Next> select(String service, SelectOption... options);

  /** Forgets what was learned about the nodes of a service: loads, failures, ejections. */
  void reset(String service);

  /** Frees what the selector holds. Choices that are open still work. May be called twice. */
  Future<Void> close();
}
