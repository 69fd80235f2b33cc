// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;

/**
 * Cuts what comes on a connection into frames, wherever reads begin and end. Keeps at most one
 * frame, 64 KiB; copies only those that came in several reads. O(bytes).
 */
final class FrameReader {

  private static final int LENGTH = 2;

  /** Takes the content of one frame. */
  interface Handler {

    /**
     * Takes the bytes between two offsets, which are valid during the call only.
     *
     * @return whether more are wanted
     */
    boolean frame(Buffer bytes, int from, int to);
  }

  private final Handler handler;
  private Buffer begun = Buffer.buffer();

  FrameReader(Handler handler) {
    this.handler = handler;
  }

  /** Takes the bytes of one read; stops when the handler wants no more. */
  void add(Buffer bytes) {
    int at = 0;
    while (begun.length() > 0 && at < bytes.length()) {
      int missing = missing();
      int taken = Math.min(missing, bytes.length() - at);
      begun.appendBuffer(bytes, at, taken);
      at += taken;
      if (begun.length() >= LENGTH && missing() == 0) {
        Buffer whole = begun;
        begun = Buffer.buffer();
        if (!handler.frame(whole, LENGTH, whole.length())) {
          return;
        }
      }
    }
    while (bytes.length() - at >= LENGTH) {
      int end = at + LENGTH + bytes.getUnsignedShort(at);
      if (end > bytes.length()) {
        break;
      }
      int from = at + LENGTH;
      at = end;
      if (!handler.frame(bytes, from, end)) {
        return;
      }
    }
    if (at < bytes.length()) {
      begun = Buffer.buffer().appendBuffer(bytes, at, bytes.length() - at);
    }
  }

  /** Returns how many bytes the begun frame lacks, or its length if that is not there yet. */
  private int missing() {
    return begun.length() < LENGTH
        ? LENGTH - begun.length()
        : LENGTH + begun.getUnsignedShort(0) - begun.length();
  }
}
