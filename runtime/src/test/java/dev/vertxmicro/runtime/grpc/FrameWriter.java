// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes HTTP/2 frames as bytes, exactly as asked for, legal or not.
 *
 * <p>Header blocks use the static HPACK table only, so that the bytes of one do not depend on those
 * before it. Not thread-safe.
 */
final class FrameWriter {
  /** The longest payload every peer accepts (RFC 9113 section 4.2). */
  static final int MAX_PAYLOAD = 16_384;

  private final DefaultHttp2HeadersEncoder hpack =
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, true);

  FrameWriter() {
    try {
      hpack.maxHeaderTableSize(0);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static Buffer frame(FrameType type, int flags, int streamId, Buffer payload) {
    return Buffer.buffer(FrameParser.HEADER_LENGTH + payload.length())
        .appendMedium(payload.length())
        .appendByte((byte) type.code())
        .appendByte((byte) flags)
        .appendInt(streamId)
        .appendBuffer(payload);
  }

  /** One HEADERS frame, and CONTINUATION frames if the block needs them. */
  Buffer headers(int streamId, int flags, List<Header> fields) {
    Buffer block = encode(streamId, fields);
    Buffer frames = Buffer.buffer();
    FrameType type = FrameType.HEADERS;
    int kept = flags;
    int at = 0;
    do {
      int end = Math.min(block.length(), at + MAX_PAYLOAD);
      int last = end == block.length() ? SeenFrame.END_HEADERS : 0;
      frames.appendBuffer(frame(type, kept | last, streamId, block.getBuffer(at, end)));
      type = FrameType.CONTINUATION;
      kept = 0;
      at = end;
    } while (at < block.length());
    return frames;
  }

  private Buffer encode(int streamId, List<Header> fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (Header field : fields) {
      headers.add(latin1(field.name()), latin1(field.value()));
    }
    ByteBuf block = Unpooled.buffer();
    try {
      hpack.encodeHeaders(streamId, headers, block);
    } catch (Http2Exception e) {
      throw new IllegalArgumentException("headers: " + fields, e);
    }
    return Buffer.buffer(ByteBufUtil.getBytes(block));
  }

  private static AsciiString latin1(String text) {
    return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
  }
}
