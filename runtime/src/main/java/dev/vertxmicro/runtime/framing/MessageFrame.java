// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.buffer.Buffer;

/** A message on the wire: one byte that says whether it is compressed, four of length, the body. */
public final class MessageFrame {

  /** How many bytes come before the body. */
  public static final int PREFIX = 5;

  private MessageFrame() {}

  /** Returns {@code body} as a frame, not compressed. Copies: HTTP/2 may hold on to the frame. */
  public static Buffer of(Buffer body) {
    return Buffer.buffer(PREFIX + body.length())
        .appendByte((byte) 0)
        .appendInt(body.length())
        .appendBuffer(body);
  }
}
