// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.http.StreamResetException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Servers that would have us hold or do more and more: what a connection bears, where it ends, and
 * that it holds little until then.
 */
class ClientConnectionFloodTest {

  private static final int FLOOD = 100_000;
  private static final int MOST_QUEUED = 10_000;
  private static final int MOST_BYTES = 2_000_000;
  private static final int MOST_HEADER_BYTES = 8_192;
  private static final Http2Limits LIMITS = new Http2Limits(70_000, 80_000, MOST_HEADER_BYTES, 32);

  /** A socket that takes nothing while it is full. */
  private static final class Socket extends ChannelOutboundHandlerAdapter {
    boolean full;

    @Override
    public void flush(ChannelHandlerContext ctx) {
      if (!full) {
        ctx.flush();
      }
    }
  }

  /** Notes how it ended. */
  private static final class Told extends ClientStream {
    @Nullable Throwable failed;
    boolean begun;

    @Override
    protected void head(Http2Headers headers) {
      begun = true;
    }

    @Override
    protected int data(ByteBuf data) {
      return data.readableBytes();
    }

    @Override
    protected void ended(@Nullable Http2Headers trailers) {}

    @Override
    protected void failed(Throwable cause) {
      failed = cause;
    }
  }

  private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
  private final Socket socket = new Socket();
  private final ClientConnection connection =
      ClientConnection.create(LIMITS, (name, value) -> false);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final DefaultHttp2HeadersEncoder headers = new DefaultHttp2HeadersEncoder();
  private Told stream;

  @BeforeEach
  void connect() throws Http2Exception {
    channel.config().setAllocator(alloc);
    channel.pipeline().addLast(socket, connection);
    send(RandomFrames.SETTINGS, 0, 0, alloc.buffer(0));
    stream = open();
  }

  @AfterEach
  void nothingIsKept() {
    socket.full = false;
    connection.shutdown();
    channel.finishAndReleaseAll();
    headers.close();
    assertEquals(0, alloc.metric().usedHeapMemory(), "heap");
    assertEquals(0, alloc.metric().usedDirectMemory(), "direct");
  }

  private Told open() throws Http2Exception {
    Told opened = new Told();
    Http2Headers head =
        new DefaultHttp2Headers().method("POST").path("/a.B/C").scheme("http").authority("a");
    connection.open(opened, head, null);
    connection.write(opened, new Zeros(5, true));
    channel.runPendingTasks();
    return opened;
  }

  /** What was written is taken, unless the socket is full. */
  private void send(int type, int flags, int streamId, ByteBuf payload) {
    ByteBuf bytes = alloc.buffer();
    RandomFrames.frame(bytes, type, flags, streamId, payload);
    channel.writeInbound(bytes);
    channel.runPendingTasks();
    channel.releaseOutbound();
    long held = alloc.metric().usedHeapMemory() + alloc.metric().usedDirectMemory();
    assertTrue(held < MOST_BYTES, () -> held + " bytes are held");
  }

  private ByteBuf block(String name, int length) throws Http2Exception {
    ByteBuf block = alloc.buffer();
    Http2Headers head = new DefaultHttp2Headers(false).status("200");
    head.add("content-type", "application/grpc").add(name, "v".repeat(length));
    headers.encodeHeaders(1, head, block);
    return block;
  }

  private ByteBuf question(int type) {
    return type == RandomFrames.PING ? alloc.buffer().writeLong(7) : alloc.buffer(0);
  }

  private void assertEndedCalm() {
    assertFalse(channel.isOpen());
    Http2Exception why = assertInstanceOf(Http2Exception.class, stream.failed);
    assertEquals(Http2Error.ENHANCE_YOUR_CALM, why.error());
  }

  @ParameterizedTest
  @ValueSource(ints = {RandomFrames.PING, RandomFrames.SETTINGS})
  void questionsWhoseAnswersAreNotReadEndTheConnection(int type) {
    socket.full = true;
    int sent = 0;
    while (channel.isOpen() && sent < FLOOD) {
      send(type, 0, 0, question(type));
      sent++;
    }

    assertTrue(sent <= MOST_QUEUED + 1, sent + " are answered");
    assertEndedCalm();
  }

  @ParameterizedTest
  @ValueSource(ints = {RandomFrames.PING, RandomFrames.SETTINGS})
  void questionsWhoseAnswersAreReadAreAnswered(int type) throws Http2Exception {
    for (int i = 0; i < FLOOD; i++) {
      send(type, 0, 0, question(type));
    }

    assertTrue(channel.isOpen());
    assertNull(stream.failed);
    assertFalse(open().isOver());
  }

  @Test
  void resetsCostOneStreamAndNoAnswer() throws Http2Exception {
    for (int i = 0; i < FLOOD; i++) {
      send(RandomFrames.RST_STREAM, 0, 1, alloc.buffer().writeInt(8));
    }

    assertInstanceOf(StreamResetException.class, stream.failed);
    assertFalse(open().isOver());
    assertTrue(channel.isOpen());
  }

  @Test
  void framesOfAStreamThatIsOverAreNotAnswered() throws Http2Exception {
    connection.reset(stream, 8);
    channel.runPendingTasks();
    channel.releaseOutbound();
    for (int i = 0; i < FLOOD; i++) {
      ByteBuf bytes = alloc.buffer();
      RandomFrames.frame(bytes, RandomFrames.WINDOW_UPDATE, 0, 1, alloc.buffer().writeInt(0));
      channel.writeInbound(bytes);
      channel.runPendingTasks();
      assertNull(channel.readOutbound(), "an answer");
    }

    assertFalse(open().isOver());
  }

  @Test
  void manySmallContinuationsEndTheConnection() throws Http2Exception {
    ByteBuf block = block("a", 1);
    send(RandomFrames.HEADERS, 0, 1, block);
    int sent = 0;
    while (channel.isOpen() && sent < FLOOD) {
      send(RandomFrames.CONTINUATION, 0, 1, alloc.buffer(0));
      sent++;
    }

    assertEquals(ContinuationLimit.MOST_CONTINUATIONS + 1, sent);
    assertEndedCalm();
  }

  @Test
  void continuationsAreFoundHoweverTheBytesAreCut() throws Http2Exception {
    ByteBuf bytes = alloc.buffer();
    RandomFrames.frame(bytes, RandomFrames.PING, 0, 0, alloc.buffer().writeLong(7));
    RandomFrames.frame(bytes, RandomFrames.HEADERS, 0, 1, block("a", 1));
    for (int i = 0; i <= ContinuationLimit.MOST_CONTINUATIONS; i++) {
      RandomFrames.frame(
          bytes, RandomFrames.CONTINUATION, 0, 1, alloc.buffer().writeZero(i % 3 == 0 ? 1 : 0));
    }
    int taken = 0;
    while (channel.isOpen() && bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(Math.min(7, bytes.readableBytes())));
      taken++;
    }
    bytes.release();

    assertTrue(taken > 100, taken + " pieces");
    assertEndedCalm();
  }

  @Test
  void aHeadOfManyContinuationsInTheirBoundsIsRead() throws Http2Exception {
    ByteBuf block = block("a", 40);
    send(RandomFrames.HEADERS, 0, 1, alloc.buffer(0));
    while (block.readableBytes() > 1) {
      send(RandomFrames.CONTINUATION, 0, 1, block.readRetainedSlice(1));
    }
    send(RandomFrames.CONTINUATION, RandomFrames.END_HEADERS, 1, block);

    assertTrue(stream.begun);
  }

  @Test
  void largeContinuationsEndTheConnection() throws Http2Exception {
    send(RandomFrames.HEADERS, 0, 1, block("a", 1));
    int sent = 0;
    while (channel.isOpen() && sent < FLOOD) {
      send(RandomFrames.CONTINUATION, 0, 1, alloc.buffer().writeZero(4_000));
      sent++;
    }

    assertTrue(sent * 4_000 < 2 * MOST_HEADER_BYTES, sent + " were taken");
    assertFalse(channel.isOpen());
    assertNotNull(stream.failed);
  }

  @Test
  void emptyDataFramesEndTheConnection() throws Http2Exception {
    send(RandomFrames.HEADERS, RandomFrames.END_HEADERS, 1, block("a", 1));
    int sent = 0;
    while (channel.isOpen() && sent < FLOOD) {
      send(RandomFrames.DATA, 0, 1, alloc.buffer(0));
      sent++;
    }

    assertEquals(3, sent);
    assertEndedCalm();
  }

  @Test
  void aHeadAboveItsBoundFailsItsStreamAlone() throws Http2Exception {
    Told other = open();

    send(RandomFrames.HEADERS, RandomFrames.END_HEADERS, 1, block("a", MOST_HEADER_BYTES));

    assertInstanceOf(Http2Exception.HeaderListSizeException.class, stream.failed);
    assertFalse(other.isOver());
    assertTrue(channel.isOpen());
  }

  @Test
  void aHeadFarAboveItsBoundEndsTheConnection() throws Http2Exception {
    Told other = open();

    send(RandomFrames.HEADERS, RandomFrames.END_HEADERS, 1, block("a", 2 * MOST_HEADER_BYTES));

    assertFalse(channel.isOpen());
    assertNotNull(stream.failed);
    assertNotNull(other.failed);
  }
}
