// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;

/** Collects the body of an answer: all of a success up to its bound, the beginning of an error. */
final class ReplyBody {

  /** So much of the body of an error is kept. */
  static final int ERROR_BYTES = 64 * 1024;

  private static final int FIRST_BYTES = 64 * 1024;

  private final int mostBytes;
  private Buffer bytes = Buffer.buffer(0);
  private boolean success;
  private long length;

  /**
   * Starts empty.
   *
   * @param mostBytes the most bytes of a success
   */
  ReplyBody(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /**
   * Learns what is to come.
   *
   * @throws FramingException if it says that it is too large
   */
  void begin(ResponseHead head) {
    success = head.isSuccess();
    length = head.length();
    if (success && length > mostBytes) {
      throw FramingException.tooLarge(length, mostBytes);
    }
  }

  /**
   * Takes a piece.
   *
   * @throws FramingException if it is too large with what came before
   */
  void add(Buffer piece) {
    int before = bytes.length();
    if (before == 0 && piece.length() == length) {
      bytes = success || length <= ERROR_BYTES ? piece : piece.getBuffer(0, ERROR_BYTES);
      return;
    }
    if (success && before + (long) piece.length() > mostBytes) {
      throw FramingException.tooLarge(before + (long) piece.length(), mostBytes);
    }
    if (before == 0) {
      bytes = Buffer.buffer((int) Math.min(Math.max(length, piece.length()), FIRST_BYTES));
    }
    int room = success ? piece.length() : Math.min(piece.length(), ERROR_BYTES - before);
    if (room > 0) {
      bytes.appendBuffer(piece, 0, room);
    }
  }

  Buffer bytes() {
    return bytes;
  }
}
