// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts messages out of chunks of any size. On the wire a message is one byte that says whether it
 * is compressed, four of length, and the body. Holds at most one message of the allowed size and
 * one chunk.
 */
final class MessageReader {

  private static final int PREFIX = 5;

  private final int most;
  private Buffer bytes = Buffer.buffer();
  private int at;

  /**
   * Starts empty.
   *
   * @param most the most bytes of a message
   */
  MessageReader(int most) {
    this.most = most;
  }

  /** Returns a message as it is sent. */
  static Buffer frame(Buffer message) {
    return Buffer.buffer(PREFIX + message.length())
        .appendByte((byte) 0)
        .appendInt(message.length())
        .appendBuffer(message);
  }

  void add(Buffer chunk) {
    if (at == bytes.length()) {
      bytes = Buffer.buffer().appendBuffer(chunk);
    } else {
      bytes = (at == 0 ? bytes : bytes.getBuffer(at, bytes.length())).appendBuffer(chunk);
    }
    at = 0;
  }

  /** Tells whether the next message is announced to be larger than allowed. */
  boolean isTooLarge() {
    return isAnnounced() && announced() > most;
  }

  /** Tells whether the next message is compressed, which nobody asked for. */
  boolean isCompressed() {
    return isAnnounced() && bytes.getByte(at) != 0;
  }

  /** Returns how many bytes the next message is announced to have. */
  long announced() {
    return bytes.getUnsignedInt(at + 1);
  }

  private boolean isAnnounced() {
    return bytes.length() - at >= PREFIX;
  }

  /** Returns the next message that is there whole, or null. */
  @Nullable Buffer next() {
    if (!isAnnounced() || bytes.length() - at - PREFIX < announced()) {
      return null;
    }
    int end = at + PREFIX + (int) announced();
    Buffer message = bytes.slice(at + PREFIX, end);
    at = end;
    return message;
  }

  /** Tells whether there is a part of a message. */
  boolean isInside() {
    return at < bytes.length();
  }
}
