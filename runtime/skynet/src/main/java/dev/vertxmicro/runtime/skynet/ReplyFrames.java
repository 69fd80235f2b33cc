// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;

/** Writes replies as skynet's cluster does, see {@link RequestFrames}. */
final class ReplyFrames {

  /** The bytes of a part; replies up to that size are sent in one frame. */
  static final int PART = RequestFrames.PART;

  static final int ERROR = 0;
  static final int OK = 1;
  static final int LARGE = 2;
  static final int MORE_PARTS = 3;
  static final int LAST_PART = 4;

  /** The bytes before what a frame carries, its length not counted: session and kind. */
  static final int HEAD = 5;

  private static final int LENGTH = 2;

  private ReplyFrames() {}

  /** Returns the frames of what a service returned. */
  static Buffer ok(int session, Buffer values) {
    int length = values.length();
    if (length <= PART) {
      return frame(session, OK, values, 0, length);
    }
    int parts = (length + PART - 1) / PART;
    Buffer frames = Buffer.buffer(LENGTH + HEAD + 4 + length + parts * (LENGTH + HEAD));
    frames.appendUnsignedShort(HEAD + 4).appendIntLE(session).appendByte((byte) LARGE);
    frames.appendIntLE(length);
    for (int from = 0; from < length; from += PART) {
      int part = Math.min(PART, length - from);
      int kind = from + part == length ? LAST_PART : MORE_PARTS;
      append(frames, session, kind, values, from, part);
    }
    return frames;
  }

  /** Returns the frame of an error; its text is cut at {@link #PART} bytes. */
  static Buffer error(int session, Buffer text) {
    return frame(session, ERROR, text, 0, Math.min(PART, text.length()));
  }

  private static Buffer frame(int session, int kind, Buffer rest, int from, int length) {
    Buffer frame = Buffer.buffer(LENGTH + HEAD + length);
    append(frame, session, kind, rest, from, length);
    return frame;
  }

  private static void append(
      Buffer target, int session, int kind, Buffer rest, int from, int length) {
    target
        .appendUnsignedShort(HEAD + length)
        .appendIntLE(session)
        .appendByte((byte) kind)
        .appendBuffer(rest, from, length);
  }
}
