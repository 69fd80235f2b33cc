// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;

/**
 * A watch that never stood.
 *
 * @param failure why
 */
record FailedWatch(Throwable failure) implements Watch {

  @Override
  public Future<Void> ready() {
    return Future.failedFuture(failure);
  }

  @Override
  public void close() {}
}
