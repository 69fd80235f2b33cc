// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;

/** A service that this process has registered, kept alive until it is closed. */
public interface Registration {

  /** Returns what was registered. */
  Service service();

  /** Deregisters the nodes and stops the signs of life. May be called twice. */
  Future<Void> close();
}
