// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;

/** One node taken for one attempt: a lease that ends with {@link #done}. */
public interface Pick {

  /** Returns the node. */
  Node node();

  /**
   * Ends the lease and tells the strategy what became of the attempt (go-micro's Mark).
   *
   * @throws IllegalStateException if called a second time
   */
  void done(Outcome outcome);
}
