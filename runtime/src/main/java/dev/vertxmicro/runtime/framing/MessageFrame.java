// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/** A message on the wire: one byte that says whether it is compressed, four of length, the body. */
public final class MessageFrame {

  /** How many bytes come before the body. */
  public static final int PREFIX = 5;

  /** A body of so many bytes goes by itself: it does not fit into one frame of HTTP/2 anyway. */
  private static final int LARGE = 16 * 1024;

  private MessageFrame() {}

  /** Returns {@code body} as a frame, not compressed, in one piece. */
  public static Buffer of(Buffer body) {
    return prefix(body, body.length(), false).appendBuffer(body);
  }

  private static Buffer prefix(Buffer body, int room, boolean compressed) {
    return Buffer.buffer(PREFIX + room)
        .appendByte((byte) (compressed ? 1 : 0))
        .appendInt(body.length());
  }

  /**
   * Writes {@code body} as a frame, not compressed. Small ones are copied, large ones not: nobody
   * changes a body.
   *
   * @return completes when all of it has left; a stream that loses the prefix loses the body, too
   */
  public static Future<Void> write(Buffer body, WriteStream<Buffer> stream) {
    if (body.length() < LARGE) {
      return stream.write(of(body));
    }
    stream.write(prefix(body, 0, false));
    return stream.write(body);
  }

  /** Writes {@code body} as {@link #write} does, and ends the stream. */
  public static Future<Void> end(Buffer body, WriteStream<Buffer> stream) {
    return end(body, false, stream);
  }

  /**
   * Writes {@code body} as {@link #write} does, and ends the stream.
   *
   * @param compressed whether the body is compressed, with what the head of the request says
   */
  public static Future<Void> end(Buffer body, boolean compressed, WriteStream<Buffer> stream) {
    if (body.length() < LARGE) {
      return stream.end(prefix(body, body.length(), compressed).appendBuffer(body));
    }
    stream.write(prefix(body, 0, compressed));
    return stream.end(body);
  }
}
