// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.http2.OutgoingData;
import dev.vertxmicro.runtime.http2.SocketPipeline;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;

/** A message on its way out: its prefix and its body, which nobody changes. */
abstract class OutgoingMessage extends OutgoingData {

  private static final int BYTE_BITS = 8;

  private final Buffer body;
  private final boolean compressed;

  OutgoingMessage(Buffer body, boolean compressed, boolean last) {
    super(MessageFrame.PREFIX + body.length(), last);
    this.body = body;
    this.compressed = compressed;
  }

  @Override
  protected final void copy(int from, int count, ByteBuf to) {
    int end = from + count;
    int at = from;
    while (at < Math.min(end, MessageFrame.PREFIX)) {
      to.writeByte(prefix(at++));
    }
    to.writeBytes(SocketPipeline.bytes(body), at - MessageFrame.PREFIX, end - at);
  }

  private int prefix(int at) {
    if (at == 0) {
      return compressed ? 1 : 0;
    }
    int behind = MessageFrame.PREFIX - 1 - at;
    return body.length() >>> (BYTE_BITS * behind);
  }
}
