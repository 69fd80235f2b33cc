// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;

/** One node taken for one attempt: a lease that ends with {@link #done}. */
public interface Pick {

  /** Returns the node. */
  Node node();

  /**
   * Tells that the node has begun to answer, while the attempt goes on: the response head of a
   * stream. Strategies then measure the time up to now, and not how long the stream lives. Does
   * nothing if called again, or after {@link #done}.
   */
  default void answered() {}

  /**
   * Ends the lease and tells the strategy what became of the attempt (go-micro's Mark).
   *
   * @throws IllegalStateException if called a second time
   */
  void done(Outcome outcome);
}
