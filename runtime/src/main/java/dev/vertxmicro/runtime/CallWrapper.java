// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

/**
 * Wraps each attempt, with its node chosen: runs once per attempt. The first registered is the
 * outermost; the client's wrappers are outside of the call's.
 */
@FunctionalInterface
public interface CallWrapper {

  /** Returns a function around {@code next}. Called once per set of options, not per call. */
  CallFunction wrap(CallFunction next);
}
