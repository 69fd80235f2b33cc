// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;

/**
 * Writes requests as skynet's cluster does (lualib-src/lua-cluster.c): length of the content in two
 * bytes, big-endian; content, in which numbers are little-endian.
 */
final class RequestFrames {

  /** The bytes of a part of a large message; smaller requests are sent in one frame. */
  static final int PART = 0x8000;

  static final int TO_HANDLE = 0x00;
  static final int TO_NAME = 0x80;
  static final int LARGE = 0x01;
  static final int LARGE_PUSH = 0x41;
  static final int MORE_PARTS = 0x02;
  static final int LAST_PART = 0x03;
  static final int TRACE = 0x04;

  private static final int LENGTH = 2;
  private static final int PART_HEAD = 5;

  private RequestFrames() {}

  /** Tells whether arguments go in parts, under a session also if it is a push. */
  static boolean isLarge(Buffer arguments) {
    return arguments.length() >= PART;
  }

  /**
   * Returns the frames of a request.
   *
   * @param session not 0, but for a push that is not large
   */
  static Buffer write(SkynetAddress to, int session, Buffer arguments, boolean push) {
    if (isLarge(arguments)) {
      return large(to, session, arguments, push);
    }
    int head = 1 + addressBytes(to) + 4;
    Buffer frame = Buffer.buffer(LENGTH + head + arguments.length());
    frame.appendUnsignedShort(head + arguments.length());
    address(frame, to, TO_HANDLE);
    return frame.appendIntLE(session).appendBuffer(arguments);
  }

  private static Buffer large(SkynetAddress to, int session, Buffer arguments, boolean push) {
    int length = arguments.length();
    int parts = (length + PART - 1) / PART;
    int head = 1 + addressBytes(to) + 8;
    Buffer frames = Buffer.buffer(LENGTH + head + length + parts * (LENGTH + PART_HEAD));
    frames.appendUnsignedShort(head);
    address(frames, to, push ? LARGE_PUSH : LARGE);
    frames.appendIntLE(session).appendIntLE(length);
    for (int from = 0; from < length; from += PART) {
      int part = Math.min(PART, length - from);
      frames
          .appendUnsignedShort(PART_HEAD + part)
          .appendByte((byte) (from + part == length ? LAST_PART : MORE_PARTS))
          .appendIntLE(session)
          .appendBuffer(arguments, from, part);
    }
    return frames;
  }

  /**
   * Returns the frame that marks the next request with {@code tag}; at most {@link #PART} bytes.
   */
  static Buffer trace(Buffer tag) {
    return Buffer.buffer(LENGTH + 1 + tag.length())
        .appendUnsignedShort(1 + tag.length())
        .appendByte((byte) TRACE)
        .appendBuffer(tag);
  }

  private static int addressBytes(SkynetAddress to) {
    byte[] name = to.name();
    return name == null ? 4 : 1 + name.length;
  }

  private static void address(Buffer frame, SkynetAddress to, int type) {
    byte[] name = to.name();
    if (name == null) {
      frame.appendByte((byte) type).appendIntLE(to.handle());
    } else {
      frame
          .appendByte((byte) (type | TO_NAME))
          .appendUnsignedByte((short) name.length)
          .appendBytes(name);
    }
  }
}
