// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

/** Tells what a handler threw from what its future failed with. */
final class HandlerPanic extends RuntimeException {

  private static final long serialVersionUID = 1;

  HandlerPanic(Throwable thrown) {
    super(null, thrown, false, false);
  }

  Throwable thrown() {
    Throwable thrown = getCause();
    return thrown == null ? this : thrown;
  }
}
