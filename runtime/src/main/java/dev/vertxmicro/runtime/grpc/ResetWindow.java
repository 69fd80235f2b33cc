// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

/**
 * Counts RST_STREAM frames of one direction on one connection, to retire it before a limit is hit
 * that would end every call on it: Netty, and so Vert.x on either side, closes a connection after
 * 200 of them in 30 s.
 *
 * <p>The count starts anew only after 30 s without any, so that no window of 30 s, wherever the
 * other side lets it begin, holds more than what was counted here.
 */
final class ResetWindow {

  /**
   * Half of Netty's limit: the streams still open on a retired connection, by default at most as
   * many, may be reset as well.
   */
  static final int MOST = 100;

  private static final long QUIET_NANOS = 30_000_000_000L;

  private long lastNanos;
  private int count;

  /** Counts one; true if the connection should get no more work. */
  boolean add(long nanoTime) {
    if (nanoTime - lastNanos >= QUIET_NANOS) {
      count = 0;
    }
    lastNanos = nanoTime;
    return ++count >= MOST;
  }
}
