// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A service as a connection sees it: bytes both ways. */
@FunctionalInterface
interface RawService {

  /**
   * Takes a request.
   *
   * @return what it returned, packed; null if there is never to be a reply
   */
  @Nullable Future<Buffer> take(
      String address, Buffer arguments, boolean push, @Nullable String trace);
}
