// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.buffer.Buffer;

/** A message on the wire: one byte that says whether it is compressed, four of length, the body. */
final class MessageFrame {

  static final int PREFIX = 5;

  private MessageFrame() {}

  /** Returns {@code body} as a frame, not compressed. Copies: HTTP/2 may hold on to the frame. */
  static Buffer of(Buffer body) {
    return Buffer.buffer(PREFIX + body.length())
        .appendByte((byte) 0)
        .appendInt(body.length())
        .appendBuffer(body);
  }
}
