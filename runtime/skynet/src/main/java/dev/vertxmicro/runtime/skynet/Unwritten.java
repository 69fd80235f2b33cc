// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

/**
 * Counts the bytes that were written to a socket and that the operating system has not taken.
 * Vert.x' own count is of another kind: beyond the bytes that fit, a socket takes fifteen writes
 * more, however large, before it says that it is full. Belongs to the event loop of the socket.
 */
final class Unwritten {

  private final int mostBytes;
  private final Runnable drained;
  private long bytes;
  private boolean full;

  /**
   * Starts at none.
   *
   * @param mostBytes how many are too many
   * @param drained called each time that, after too many, half of that or less are left
   */
  Unwritten(int mostBytes, Runnable drained) {
    this.mostBytes = mostBytes;
    this.drained = drained;
  }

  /** Tells whether to write nothing more until it has drained. */
  boolean isFull() {
    return full;
  }

  void add(int length) {
    bytes += length;
    full |= bytes >= mostBytes;
  }

  /** The operating system has so many, or never gets them. */
  void left(long length) {
    bytes -= length;
    if (full && bytes <= mostBytes / 2) {
      full = false;
      drained.run();
    }
  }
}
