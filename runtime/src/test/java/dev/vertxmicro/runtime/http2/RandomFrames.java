// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.util.Random;

/** Frames as a server might send them, right or wrong, drawn from a seed. */
final class RandomFrames {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;

  private final Random random;
  private final ByteBufAllocator alloc;
  private final Http2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();

  RandomFrames(Random random, ByteBufAllocator alloc) {
    this.random = random;
    this.alloc = alloc;
  }

  /** Writes the first frame of every connection, empty SETTINGS. */
  void settings(ByteBuf out) {
    frame(out, SETTINGS, 0, 0, alloc.buffer(0));
  }

  /** Writes a frame that makes sense by itself, though not always in its place. */
  void sensible(ByteBuf out) throws Http2Exception {
    int stream = 1 + 2 * random.nextInt(5);
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        boolean trailers = random.nextInt(3) == 0;
        int end = trailers || random.nextInt(8) == 0 ? END_STREAM : 0;
        frame(out, HEADERS, end | END_HEADERS, stream, headers(stream, trailers));
      }
      case 3, 4, 5 ->
          frame(out, DATA, random.nextInt(6) == 0 ? END_STREAM : 0, stream, bytes(2_000));
      case 6 -> frame(out, RST_STREAM, 0, stream, alloc.buffer().writeInt(random.nextInt(14)));
      case 7 ->
          frame(
              out,
              SETTINGS,
              0,
              0,
              alloc.buffer().writeShort(1 + random.nextInt(6)).writeInt(random.nextInt(70_000)));
      case 8 -> frame(out, PING, random.nextInt(2), 0, alloc.buffer().writeLong(random.nextLong()));
      case 9 ->
          frame(
              out,
              WINDOW_UPDATE,
              0,
              random.nextBoolean() ? 0 : stream,
              alloc.buffer().writeInt(random.nextInt(100_000)));
      case 10 -> {
        if (random.nextInt(8) == 0) {
          frame(out, GOAWAY, 0, 0, alloc.buffer().writeInt(stream).writeInt(random.nextInt(14)));
        }
      }
      default -> frame(out, SETTINGS, 1, 0, alloc.buffer(0));
    }
  }

  /** Writes a frame of any type, flags, stream and content. */
  void wild(ByteBuf out) {
    int stream = random.nextInt(4) == 0 ? random.nextInt() & 0x7fffffff : random.nextInt(12);
    frame(out, random.nextInt(12), random.nextInt(256), stream, bytes(64));
  }

  private ByteBuf headers(int stream, boolean trailers) throws Http2Exception {
    Http2Headers headers = new DefaultHttp2Headers(false);
    if (trailers) {
      headers.add("grpc-status", String.valueOf(random.nextInt(20)));
    } else {
      headers.status(String.valueOf(random.nextInt(5) == 0 ? 103 : 200));
      headers.add("content-type", "application/grpc");
      if (random.nextInt(5) == 0) {
        headers.add("content-length", String.valueOf(random.nextInt(100)));
      }
    }
    if (random.nextInt(20) == 0) {
      headers.add("x-large", "v".repeat(random.nextInt(20_000)));
    }
    ByteBuf block = alloc.buffer();
    encoder.encodeHeaders(stream, headers, block);
    return block;
  }

  private ByteBuf bytes(int most) {
    byte[] content = new byte[random.nextInt(most)];
    random.nextBytes(content);
    return alloc.buffer(content.length).writeBytes(content);
  }

  static void frame(ByteBuf out, int type, int flags, int stream, ByteBuf payload) {
    out.writeMedium(payload.readableBytes()).writeByte(type).writeByte(flags).writeInt(stream);
    out.writeBytes(payload);
    payload.release();
  }
}
