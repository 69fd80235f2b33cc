// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides between two threads, once: has a request left, or was it given up before? The event loop
 * that sends goes through the gate; the caller elsewhere shuts it.
 */
public final class SendGate {

  private static final int UNDECIDED = 0;
  private static final int SENT = 1;
  private static final int SHUT = 2;

  private final AtomicInteger state = new AtomicInteger(UNDECIDED);
  private volatile long passedNanos;

  /** Makes a gate that is open. */
  public SendGate() {}

  /** Goes through at that instant; false if the gate is shut. */
  public boolean pass(long nanoTime) {
    passedNanos = nanoTime;
    return state.compareAndSet(UNDECIDED, SENT) || state.get() == SENT;
  }

  /** Shuts the gate; false if something went through before. */
  public boolean shut() {
    return state.compareAndSet(UNDECIDED, SHUT) || state.get() == SHUT;
  }

  /** Tells whether something went through. */
  public boolean isPassed() {
    return state.get() == SENT;
  }

  /** Tells whether it was shut before. */
  public boolean isShut() {
    return state.get() == SHUT;
  }

  /** Returns when the gate was passed; has a meaning only if it was. */
  public long passedNanos() {
    return passedNanos;
  }
}
