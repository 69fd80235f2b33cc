// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * The choice of nodes for one call: each {@link #next()} takes another node while there is one that
 * this call has not tried, from what the registry says now, not from what it said when the call
 * began. Belongs to one call and its context.
 */
@FunctionalInterface
public interface Next {

  /**
   * Takes a node.
   *
   * @throws dev.vertxmicro.errors.RpcException code 503, NOT_SENT, if there is none
   */
  Pick next();

  /**
   * Returns how many nodes there are to choose from now, at least 0. The runtime sends a request
   * that no server saw again at most once per node.
   */
  default int size() {
    return 1;
  }
}
