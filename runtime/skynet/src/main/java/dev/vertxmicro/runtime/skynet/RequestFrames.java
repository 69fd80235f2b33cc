// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.runtime.pooling.BufferBytes;
import io.netty.buffer.ByteBuf;
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

  /** Returns how many bytes the frames of a request have. */
  static int length(SkynetAddress to, Buffer arguments) {
    int length = arguments.length();
    if (!isLarge(arguments)) {
      return LENGTH + 1 + addressBytes(to) + 4 + length;
    }
    return LENGTH + 1 + addressBytes(to) + 8 + parts(length) * (LENGTH + PART_HEAD) + length;
  }

  private static int parts(int length) {
    return (length + PART - 1) / PART;
  }

  /**
   * Appends the frames of a request.
   *
   * @param session not 0, but for a push that is not large
   */
  static void append(
      ByteBuf target, SkynetAddress to, int session, Buffer arguments, boolean push) {
    BufferBytes bytes = BufferBytes.of(arguments);
    if (isLarge(arguments)) {
      appendLarge(target, to, session, bytes, push);
      return;
    }
    int length = arguments.length();
    target.writeShort(1 + addressBytes(to) + 4 + length);
    address(target, to, TO_HANDLE);
    target.writeIntLE(session).writeBytes(bytes.array(), bytes.from(), length);
  }

  private static void appendLarge(
      ByteBuf target, SkynetAddress to, int session, BufferBytes arguments, boolean push) {
    int length = arguments.to() - arguments.from();
    target.writeShort(1 + addressBytes(to) + 8);
    address(target, to, push ? LARGE_PUSH : LARGE);
    target.writeIntLE(session).writeIntLE(length);
    for (int at = arguments.from(); at < arguments.to(); at += PART) {
      int part = Math.min(PART, arguments.to() - at);
      target
          .writeShort(PART_HEAD + part)
          .writeByte(at + part == arguments.to() ? LAST_PART : MORE_PARTS)
          .writeIntLE(session)
          .writeBytes(arguments.array(), at, part);
    }
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

  private static void address(ByteBuf target, SkynetAddress to, int type) {
    byte[] name = to.name();
    if (name == null) {
      target.writeByte(type).writeIntLE(to.handle());
    } else {
      target.writeByte(type | TO_NAME).writeByte(name.length).writeBytes(name);
    }
  }
}
