// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;

/** A running watch on one service. */
public interface Watch {

  /**
   * Completes when the watch stands: changes made after that are reported. Fails if the registry
   * cannot watch.
   */
  Future<Void> ready();

  /** Stops the watch; no event is reported afterwards. May be called twice. */
  void close();
}
