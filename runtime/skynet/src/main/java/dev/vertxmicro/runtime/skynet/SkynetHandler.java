// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.Future;

/** A service of a {@link SkynetServer}. */
@FunctionalInterface
public interface SkynetHandler {

  /**
   * Does what was asked for. Called on the event loop of the caller's connection, in the order in
   * which requests came; must not block.
   *
   * @return what the service returns: {@link LuaValues#NONE} for no values. One that fails, like an
   *     exception, tells the caller that the call failed, and not why. Of a push nobody sees it,
   *     but until it is there the push counts as one that the service has, see {@link
   *     SkynetServerOptions#setMaxOpenPerConnection}.
   */
  Future<LuaValues> handle(SkynetCall call);
}
