// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

/**
 * What a call does when one of its attempts has failed.
 *
 * @param kind what to do
 * @param delayNanos after which wait, for {@link Kind#AGAIN}
 */
record Decision(Kind kind, long delayNanos) {

  /** The call fails, and its other attempts are given up. */
  static final Decision FAIL = new Decision(Kind.FAIL, 0);

  /** No attempt more: the call fails once no other attempt is open. */
  static final Decision AWAIT_OTHERS = new Decision(Kind.AWAIT_OTHERS, 0);

  /** What a call may do. */
  enum Kind {
    FAIL,
    AWAIT_OTHERS,
    AGAIN
  }

  /** Returns the decision to start another attempt after a wait. */
  static Decision again(long delayNanos) {
    return new Decision(Kind.AGAIN, delayNanos);
  }
}
