// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import java.util.function.IntPredicate;

/**
 * Numbers the requests to one node: from 1 to 2^31-1 and again, whatever becomes of its
 * connections. 0 is never used: it is that of small pushes.
 */
final class Sessions {

  private int last;

  /** Goes on after {@code last}, which is at least 0. */
  Sessions(int last) {
    this.last = last;
  }

  /** Returns the next number that is not taken; one must be free. */
  int next(IntPredicate taken) {
    do {
      last = last == Integer.MAX_VALUE ? 1 : last + 1;
    } while (taken.test(last));
    return last;
  }
}
