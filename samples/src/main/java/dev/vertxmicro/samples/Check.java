// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

/** Compares what a scene claims with what it saw. */
final class Check {

  private Check() {}

  /**
   * Fails the scene unless {@code holds}.
   *
   * @param expected what was claimed, in words
   * @param seen what happened instead, in words
   */
  static void that(boolean holds, String expected, Object seen) {
    if (!holds) {
      throw new Failed("expected " + expected + "; seen: " + seen);
    }
  }

  /** A claim that did not hold. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failed(String message) {
      super(message);
    }
  }
}
