// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.stub;

import java.util.Arrays;

/** Joins the options of a stub's method with those of one call. Called by generated code. */
public final class OwnOptions {

  private OwnOptions() {}

  /** Returns {@code defaults}, then {@code own}, which win; without {@code own} the same array. */
  public static <O> O[] after(O[] defaults, O[] own) {
    if (own.length == 0) {
      return defaults;
    }
    O[] all = Arrays.copyOf(defaults, defaults.length + own.length);
    System.arraycopy(own, 0, all, defaults.length, own.length);
    return all;
  }
}
