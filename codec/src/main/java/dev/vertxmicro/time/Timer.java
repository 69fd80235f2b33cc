// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

/** An armed timer. */
@FunctionalInterface
public interface Timer {

  /**
   * Disarms the timer. Called on the context that armed it; the task does not run afterwards.
   *
   * @return true if the task had not run and was not cancelled before
   */
  boolean cancel();
}
