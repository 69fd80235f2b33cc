// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.WriteBatch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.function.Consumer;

/**
 * Text messages of a client as finished frames, RFC 6455, 5.2 and 5.3: those of one turn of the
 * event loop leave together. One that Vert.x writes costs a future, a task, two buffers and three
 * copies, and a view of each buffer for the socket.
 *
 * <p>Pings, pongs and the good-bye are Vert.x' own. They come out of its encoder and pass here, and
 * what was written before them goes on before them. The other way round, whoever has said good-bye
 * writes no more.
 */
final class TextFrames extends WriteBatch {

  /** So many messages, or bytes, leave before the turn of the event loop is over. */
  private static final int FLUSH_MESSAGES = 32;

  private static final int FLUSH_BYTES = 32 * 1024;

  private static final int TEXT = 0x1;
  private static final int CONTINUATION = 0x0;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int MOST_IN_BYTE = 125;
  private static final int IN_SHORT = 126;
  private static final int MOST_IN_SHORT = 0xffff;
  private static final int IN_LONG = 127;

  /** Two bytes, the length and the mask. */
  private static final int MOST_HEAD_BYTES = 2 + Long.BYTES + Integer.BYTES;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final int mostBytes;
  private final Runnable drained;
  private final ByteBuffer masks = ByteBuffer.allocate(256 * Integer.BYTES).limit(0);
  private final Runnable flushOfTurn = this::flushOfTurn;
  private int messages;
  private int bytes;
  private boolean flushArmed;

  /**
   * Starts empty.
   *
   * @param mostBytes the most of one frame; larger messages go in several
   * @param drained told when the socket takes more again, after it was full
   */
  TextFrames(int mostBytes, Runnable drained) {
    this.mostBytes = mostBytes;
    this.drained = drained;
  }

  /**
   * Takes its place in the pipeline of a WebSocket, between the socket and Vert.x' encoder.
   *
   * @throws IllegalStateException if Vert.x does not make its WebSockets so any more
   */
  void enter(ChannelPipeline pipeline) {
    ChannelHandlerContext encoder = pipeline.context(WebSocket13FrameEncoder.class);
    if (encoder == null) {
      throw new IllegalStateException(
          "pipeline: " + pipeline.names() + " (expected: an encoder of frames)");
    }
    pipeline.addBefore(encoder.name(), "texts", this);
  }

  /** Tells whether more is unwritten than may be. */
  boolean isFull() {
    return !context().channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ctx.fireChannelWritabilityChanged();
    if (!isFull()) {
      drained.run();
    }
  }

  // ---- frames

  /**
   * Adds a message.
   *
   * @param departure told when it has left, or cannot
   */
  void write(RequestText text, long id, Departure departure) {
    int length = text.length(id);
    if (length <= mostBytes) {
      frame(FINAL | TEXT, length, to -> text.write(id, to));
    } else {
      writeParts(text, id, length);
    }
    tell(departure);
    wrote(length);
  }

  private void writeParts(RequestText text, long id, int length) {
    ByteBuffer whole = ByteBuffer.allocate(length);
    text.write(id, whole);
    int opcode = TEXT;
    for (int at = 0; at < length; at += mostBytes) {
      ByteBuffer part = whole.slice(at, Math.min(mostBytes, length - at));
      boolean last = at + part.remaining() == length;
      frame(last ? FINAL | opcode : opcode, part.remaining(), to -> to.put(part));
      opcode = CONTINUATION;
    }
  }

  private void frame(int first, int length, Consumer<ByteBuffer> payload) {
    int most = MOST_HEAD_BYTES + length;
    ByteBuf batch = room(most).ensureWritable(most);
    // Without the checks that each access to a ByteBuf makes.
    ByteBuffer to = batch.internalNioBuffer(batch.writerIndex(), most);
    int begin = to.position();
    int mask = nextMask();
    head(to, first, length);
    to.putInt(mask);
    int from = to.position();
    payload.accept(to);
    mask(to, from, mask);
    batch.writerIndex(batch.writerIndex() + to.position() - begin);
  }

  private static void head(ByteBuffer to, int first, int length) {
    to.put((byte) first);
    if (length <= MOST_IN_BYTE) {
      to.put((byte) (MASKED | length));
    } else if (length <= MOST_IN_SHORT) {
      to.put((byte) (MASKED | IN_SHORT)).putShort((short) length);
    } else {
      to.put((byte) (MASKED | IN_LONG)).putLong(length);
    }
  }

  /** Returns one that nobody can foresee, RFC 6455, 10.3. */
  private int nextMask() {
    if (!masks.hasRemaining()) {
      RANDOM.nextBytes(masks.array());
      masks.clear();
    }
    return masks.getInt();
  }

  /** Masks what was written from a place on. */
  private static void mask(ByteBuffer bytes, int from, int mask) {
    int end = bytes.position();
    int at = from;
    long twice = ((long) mask << Integer.SIZE) | Integer.toUnsignedLong(mask);
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      bytes.putLong(at, bytes.getLong(at) ^ twice);
    }
    for (long rest = twice; at < end; at++) {
      bytes.put(at, (byte) (bytes.get(at) ^ (rest >>> (Long.SIZE - Byte.SIZE))));
      rest <<= Byte.SIZE;
    }
  }

  // ---- when they leave

  private void wrote(int length) {
    messages++;
    bytes += length;
    if (messages >= FLUSH_MESSAGES || bytes >= FLUSH_BYTES) {
      flush();
    } else if (!flushArmed) {
      flushArmed = true;
      context().executor().execute(flushOfTurn);
    }
  }

  private void flushOfTurn() {
    flushArmed = false;
    if (messages > 0) {
      flush();
    }
  }

  private void flush() {
    messages = 0;
    bytes = 0;
    flush(context());
  }
}
