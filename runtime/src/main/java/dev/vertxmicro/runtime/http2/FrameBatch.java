// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameSizePolicy;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Frames that leave together. HEADERS and DATA are written one behind the other into one piece of
 * memory, which goes to the socket as one write when the connection flushes. By itself each frame
 * would cost two buffers, a view of each for the socket, and promises to put them together.
 *
 * <p>All other frames are written by the codec, and pass here: what was collected before goes on
 * before them, so that the order stays.
 *
 * <p><b>What has left.</b> A socket may take a part of a batch and no more. What ends before that
 * point has left, and a server may have acted; what ends behind it has not. The channel reports how
 * far it has come, {@link ChannelProgressiveFuture}. TLS does not pass that on: there each
 * departure ends a batch.
 *
 * <p>Stands before the codec in the pipeline; belongs to its event loop.
 */
final class FrameBatch extends ChannelOutboundHandlerAdapter {

  private static final int HEADER_BYTES = 9;
  private static final int FLAGS_AT = 4;
  private static final int STREAM_AT = 5;
  private static final int TYPE_AT = 3;

  private static final byte END_STREAM = 0x1;
  private static final byte END_HEADERS = 0x4;

  /** Room for the frames of a usual turn, and for a head whose size is not known before. */
  private static final int ROOM = 8 * 1024;

  /** As much is passed on, so that the channel knows how much waits in it. */
  private static final int FULL = 32 * 1024;

  private static final int NONE = -1;

  private final Http2HeadersEncoder compression;
  private final Http2FrameSizePolicy sizes;
  private boolean endsWithDeparture;
  private @Nullable ChannelHandlerContext context;

  private @Nullable ByteBuf bytes;
  private @Nullable Departure first;
  private @Nullable Departure latest;

  /** Where the last frame begins, if it is DATA that more of the same stream may join. */
  private int openData = NONE;

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

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    endsWithDeparture = ctx.pipeline().get(SslHandler.class) != null;
  }

  /**
   * Adds the head of a stream whose side stays open.
   *
   * @throws Http2Exception if it is larger than the peer takes; nothing was added then
   */
  void headers(int stream, Http2Headers head) throws Http2Exception {
    ByteBuf to = room(HEADER_BYTES);
    int at = to.writerIndex();
    to.writeZero(HEADER_BYTES);
    try {
      compression.encodeHeaders(stream, head, to);
    } catch (Http2Exception tooLarge) {
      to.writerIndex(at);
      throw tooLarge;
    }
    openData = NONE;
    int length = to.writerIndex() - at - HEADER_BYTES;
    if (length <= sizes.maxFrameSize()) {
      header(to, at, length, Http2FrameTypes.HEADERS, END_HEADERS, stream);
    } else {
      cut(stream, to, at);
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

  /** Tells {@code departure} when everything that was added until now has left, or cannot. */
  void tell(Departure departure) {
    if (bytes == null) {
      throw new IllegalStateException("nothing was added that could leave");
    }
    departure.end = bytes.readableBytes();
    if (latest == null) {
      first = departure;
    } else {
      latest.next = departure;
    }
    latest = departure;
    if (endsWithDeparture) {
      passOn();
    }
  }

  private static void header(ByteBuf to, int at, int length, byte type, int flags, int stream) {
    to.setMedium(at, length);
    to.setByte(at + TYPE_AT, type);
    to.setByte(at + FLAGS_AT, flags);
    to.setInt(at + STREAM_AT, stream);
  }

  private ByteBuf room(int more) {
    if (bytes != null && bytes.isReadable() && bytes.readableBytes() + more > FULL) {
      passOn();
    }
    ByteBuf to = bytes;
    if (to == null) {
      to = context().alloc().directBuffer(Math.max(ROOM, more));
      bytes = to;
    }
    return to;
  }

  // ---- what passes

  @Override
  public void write(ChannelHandlerContext ctx, Object frame, ChannelPromise promise) {
    passOn();
    ctx.write(frame, promise);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    passOn();
    ctx.flush();
  }

  private void passOn() {
    ByteBuf full = bytes;
    if (full == null || !full.isReadable()) {
      return;
    }
    Departure waiting = first;
    forget();
    ChannelHandlerContext ctx = context();
    if (waiting == null) {
      ctx.write(full, ctx.voidPromise());
    } else {
      ctx.write(full, ctx.newProgressivePromise().addListener(new Leaving(waiting)));
    }
  }

  private void forget() {
    bytes = null;
    first = null;
    latest = null;
    openData = NONE;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    drop(new IOException("the connection was closed"));
  }

  /** Lets go of what has not been passed on: the channel is gone. */
  void drop(Throwable cause) {
    ByteBuf lost = bytes;
    Departure waiting = first;
    forget();
    if (lost != null) {
      lost.release();
    }
    for (Departure departure = waiting; departure != null; departure = departure.next) {
      departure.left(cause);
    }
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("the frames are in no pipeline");
    }
    return known;
  }

  /** Tells, as a batch leaves, who has waited for it. */
  private static final class Leaving implements ChannelProgressiveFutureListener {

    private @Nullable Departure next;

    Leaving(Departure first) {
      this.next = first;
    }

    @Override
    public void operationProgressed(ChannelProgressiveFuture batch, long progress, long total) {
      while (next != null && next.end <= progress) {
        left(null);
      }
    }

    @Override
    public void operationComplete(ChannelProgressiveFuture batch) {
      while (next != null) {
        left(batch.cause());
      }
    }

    private void left(@Nullable Throwable failure) {
      Departure departure = next;
      if (departure != null) {
        next = departure.next;
        departure.next = null;
        departure.left(failure);
      }
    }
  }
}
