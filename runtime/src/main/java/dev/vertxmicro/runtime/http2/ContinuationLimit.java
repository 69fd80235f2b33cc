// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Ends a connection whose peer goes on with one head for ever. Netty's codec bounds the bytes of a
 * head; empty CONTINUATION frames have none (4.2.9 takes any number of them), and nothing else can
 * be read behind them, no answer to a PING either.
 *
 * <p>Stands before the codec and passes all bytes on. Reads no more of them than the 9 that begin
 * each frame.
 */
final class ContinuationLimit extends ChannelInboundHandlerAdapter {

  /** A head of 64 KiB has 4 of the usual size. */
  static final int MOST_CONTINUATIONS = 100;

  private static final int HEADER_BYTES = 9;
  private static final int LENGTH_BYTES = 3;

  private int headerBytes;
  private int length;
  private int toSkip;
  private int continuations;
  private boolean over;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!over) {
      walk(bytes);
      if (continuations <= MOST_CONTINUATIONS) {
        ctx.fireChannelRead(bytes);
        return;
      }
      over = true;
      ctx.fireExceptionCaught(
          Http2Exception.connectionError(
              Http2Error.ENHANCE_YOUR_CALM,
              "more than %d CONTINUATION frames in a row",
              MOST_CONTINUATIONS));
    }
    bytes.release();
  }

  /** Goes from frame to frame; both headers and payloads may be cut anywhere. */
  private void walk(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end && continuations <= MOST_CONTINUATIONS) {
      if (toSkip > 0) {
        int skipped = Math.min(toSkip, end - at);
        toSkip -= skipped;
        at += skipped;
      } else {
        headerByte(bytes.getUnsignedByte(at++));
      }
    }
  }

  private void headerByte(int value) {
    if (headerBytes < LENGTH_BYTES) {
      length = length << 8 | value;
    } else if (headerBytes == LENGTH_BYTES) {
      continuations = value == Http2FrameTypes.CONTINUATION ? continuations + 1 : 0;
    }
    if (++headerBytes == HEADER_BYTES) {
      headerBytes = 0;
      toSkip = length;
      length = 0;
    }
  }
}
