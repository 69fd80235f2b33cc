// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import dev.vertxmicro.runtime.pooling.WriteBatch;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameSizePolicy;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;

/** Frames that leave together: HEADERS and DATA. All others are written by the codec, and pass. */
final class FrameBatch extends WriteBatch {

  private static final int HEADER_BYTES = 9;
  private static final int FLAGS_AT = 4;
  private static final int STREAM_AT = 5;
  private static final int TYPE_AT = 3;

  private static final byte END_STREAM = 0x1;
  private static final byte END_HEADERS = 0x4;

  private static final int NONE = -1;

  /** A change of the table takes up to 6 bytes. */
  private static final int MOST_UNSAID_BYTES = 64;

  private static final byte[] NOTHING = {};

  private final Http2HeadersEncoder compression;
  private final Http2FrameSizePolicy sizes;

  /** Where the last frame begins, if it is DATA that more of the same stream may join. */
  private int openData = NONE;

  /**
   * Changes of the compression's table that stood in front of a head that was refused. The codec
   * says them once, and the peer must hear of them before the next head (RFC 7541 4.2).
   */
  private byte[] unsaid = NOTHING;

  /**
   * Starts empty.
   *
   * @param compression writes heads, as the peer's settings say
   * @param sizes has the size of frames that the peer takes
   */
  FrameBatch(Http2HeadersEncoder compression, Http2FrameSizePolicy sizes) {
    this.compression = compression;
    this.sizes = sizes;
  }

  /**
   * Adds the head of a stream whose side stays open.
   *
   * @throws Http2Exception if it is larger than the peer takes; nothing was added then
   */
  void headers(int stream, Http2Headers head) throws Http2Exception {
    ByteBuf to = room(HEADER_BYTES);
    int at = to.writerIndex();
    to.writeZero(HEADER_BYTES).writeBytes(unsaid);
    try {
      compression.encodeHeaders(stream, head, to);
    } catch (Http2Exception tooLarge) {
      int end = to.writerIndex();
      to.writerIndex(at);
      if (Http2Exception.isStreamError(tooLarge)) {
        keepUnsaid(to, at + HEADER_BYTES, end);
      }
      throw tooLarge;
    }
    unsaid = NOTHING;
    openData = NONE;
    int length = to.writerIndex() - at - HEADER_BYTES;
    if (length <= sizes.maxFrameSize()) {
      header(to, at, length, Http2FrameTypes.HEADERS, END_HEADERS, stream);
    } else {
      cut(stream, to, at);
    }
  }

  private void keepUnsaid(ByteBuf refused, int from, int end) throws Http2Exception {
    int length = end - from;
    if (length > MOST_UNSAID_BYTES) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "the table of the compression changes for no head");
    }
    if (length > unsaid.length) {
      unsaid = new byte[length];
      refused.getBytes(from, unsaid);
    }
  }

  /** Makes a HEADERS frame and CONTINUATION frames of a head that is too large for one. */
  private void cut(int stream, ByteBuf to, int at) {
    ByteBuf block = to.copy(at + HEADER_BYTES, to.writerIndex() - at - HEADER_BYTES);
    to.writerIndex(at);
    byte type = Http2FrameTypes.HEADERS;
    while (block.isReadable()) {
      int length = Math.min(block.readableBytes(), sizes.maxFrameSize());
      int begin = to.writerIndex();
      to.writeZero(HEADER_BYTES).writeBytes(block, length);
      header(to, begin, length, type, block.isReadable() ? 0 : END_HEADERS, stream);
      type = Http2FrameTypes.CONTINUATION;
    }
    block.release();
  }

  /**
   * Adds data, in as many frames as its size takes, behind what the last frame has of the same
   * stream.
   *
   * @param from the first byte of {@code data} to take
   * @param count how many; none only at the end
   * @param end whether our side of the stream ends with it
   */
  void data(int stream, OutgoingData data, int from, int count, boolean end) {
    int most = sizes.maxFrameSize();
    int done = 0;
    do {
      int length = Math.min(count - done, most);
      boolean last = done + length == count;
      ByteBuf to = room(HEADER_BYTES + length);
      int at = openData;
      int before = at == NONE ? 0 : to.getUnsignedMedium(at);
      if (at == NONE || to.getInt(at + STREAM_AT) != stream || before + length > most) {
        at = to.writerIndex();
        before = 0;
        to.writeZero(HEADER_BYTES);
      }
      data.copy(from + done, length, to);
      boolean closed = end && last;
      header(to, at, before + length, Http2FrameTypes.DATA, closed ? END_STREAM : 0, stream);
      openData = closed ? NONE : at;
      done += length;
    } while (done < count);
  }

  private static void header(ByteBuf to, int at, int length, byte type, int flags, int stream) {
    to.setMedium(at, length);
    to.setByte(at + TYPE_AT, type);
    to.setByte(at + FLAGS_AT, flags);
    to.setInt(at + STREAM_AT, stream);
  }

  @Override
  protected void ended() {
    openData = NONE;
  }
}
