// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the bytes of one direction of an HTTP/2 connection into {@link SeenFrame}s.
 *
 * <p>It judges nothing but what it cannot read: frames that break RFC 9113 are reported as they
 * are, for the test to judge. Only header blocks are left to Netty (HPACK). Bytes that cannot be
 * frames give one GARBAGE entry, and all that follow are ignored. Not thread-safe.
 */
final class FrameParser {
  static final Buffer PREFACE = Buffer.buffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  static final int HEADER_LENGTH = 9;

  private final int connection;
  private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 24);
  private Buffer unread = Buffer.buffer();
  private Buffer headerBlock = Buffer.buffer();
  private int headerFlags;
  private int headerLength;
  private boolean prefaceDue;
  private boolean lost;

  private FrameParser(int connection, boolean prefaceDue) {
    this.connection = connection;
    this.prefaceDue = prefaceDue;
  }

  /** Reads what a client sends: the connection preface first. */
  static FrameParser ofClient(int connection) {
    return new FrameParser(connection, true);
  }

  /** Reads what a server sends. */
  static FrameParser ofServer(int connection) {
    return new FrameParser(connection, false);
  }

  /** Takes the next bytes and returns the frames that they complete. */
  List<SeenFrame> feed(Buffer bytes) {
    List<SeenFrame> frames = new ArrayList<>();
    if (lost) {
      return frames;
    }
    unread.appendBuffer(bytes);
    if (prefaceDue && !readPreface(frames)) {
      return frames;
    }
    int at = 0;
    while (!lost && unread.length() - at >= HEADER_LENGTH) {
      int end = at + HEADER_LENGTH + unread.getUnsignedMedium(at);
      if (unread.length() < end) {
        break;
      }
      read(at, end, frames);
      at = end;
    }
    unread = unread.getBuffer(at, unread.length());
    return frames;
  }

  private boolean readPreface(List<SeenFrame> frames) {
    int n = Math.min(unread.length(), PREFACE.length());
    if (!unread.getBuffer(0, n).equals(PREFACE.getBuffer(0, n))) {
      frames.add(garbage("not a client preface: " + unread.toString(StandardCharsets.ISO_8859_1)));
      return false;
    }
    if (n < PREFACE.length()) {
      return false;
    }
    prefaceDue = false;
    unread = unread.getBuffer(n, unread.length());
    return true;
  }

  private void read(int at, int end, List<SeenFrame> frames) {
    FrameType type = FrameType.ofCode(unread.getUnsignedByte(at + 3));
    int flags = unread.getUnsignedByte(at + 4);
    int streamId = unread.getInt(at + 5) & Integer.MAX_VALUE;
    Buffer payload = unread.getBuffer(at + HEADER_LENGTH, end);
    int length = payload.length();
    if (type == FrameType.DATA || type == FrameType.HEADERS) {
      payload = unwrap(payload, type, flags);
    }
    switch (type) {
      case HEADERS -> {
        headerBlock = payload;
        headerFlags = flags;
        headerLength = length;
      }
      case CONTINUATION -> {
        headerBlock.appendBuffer(payload);
        headerFlags |= flags & SeenFrame.END_HEADERS;
        headerLength += length;
      }
      default ->
          frames.add(new SeenFrame(connection, type, streamId, flags, length, List.of(), payload));
    }
    boolean ofBlock = type == FrameType.HEADERS || type == FrameType.CONTINUATION;
    if (ofBlock && (headerFlags & SeenFrame.END_HEADERS) != 0) {
      frames.add(headers(streamId));
    }
  }

  private static Buffer unwrap(Buffer payload, FrameType type, int flags) {
    int from = 0;
    int to = payload.length();
    if ((flags & SeenFrame.PADDED) != 0) {
      to -= payload.getUnsignedByte(0);
      from = 1;
    }
    if (type == FrameType.HEADERS && (flags & SeenFrame.PRIORITY) != 0) {
      from += 5;
    }
    return payload.getBuffer(from, Math.max(from, to));
  }

  private SeenFrame headers(int streamId) {
    List<Header> fields = new ArrayList<>();
    ByteBuf block = Unpooled.wrappedBuffer(headerBlock.getBytes());
    try {
      hpack
          .decodeHeaders(streamId, block)
          .forEach(e -> fields.add(new Header(e.getKey().toString(), e.getValue().toString())));
    } catch (Http2Exception e) {
      return garbage("header block of stream " + streamId + ": " + e.getMessage());
    }
    return new SeenFrame(
        connection,
        FrameType.HEADERS,
        streamId,
        headerFlags,
        headerLength,
        List.copyOf(fields),
        Buffer.buffer());
  }

  private SeenFrame garbage(String text) {
    lost = true;
    return SeenFrame.event(connection, FrameType.GARBAGE, text);
  }
}
