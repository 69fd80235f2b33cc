// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import org.jspecify.annotations.Nullable;

/** A choice among nodes that {@link Simulation} drives, whoever made it; for one thread. */
interface Balanced {

  /**
   * Chooses a node for one call.
   *
   * @param key what calls to the same node should have in common, or null
   */
  Taken take(@Nullable String key);

  /** A call that is under way. */
  interface Taken {

    /** Returns the index of the node. */
    int node();

    /** Ends the call. */
    void end(boolean hasSucceeded);
  }
}
