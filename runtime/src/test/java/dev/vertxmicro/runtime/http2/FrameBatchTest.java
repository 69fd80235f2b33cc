// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameBatchTest {

  private static final int FRAME_BYTES = 16_384;

  /** A socket that takes as much as it is told to. */
  private static final class Socket extends ChannelOutboundHandlerAdapter {
    final List<ByteBuf> batches = new ArrayList<>();
    final List<ChannelPromise> promises = new ArrayList<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object bytes, ChannelPromise promise) {
      batches.add((ByteBuf) bytes);
      promises.add(promise);
    }

    /** Takes so many bytes of a batch. */
    void take(int batch, int bytes) {
      ((ChannelProgressivePromise) promises.get(batch))
          .setProgress(bytes, batches.get(batch).readableBytes());
    }
  }

  /** What a frame says of itself. */
  private record Frame(int type, int flags, int stream, int length) {}

  private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
  private final DefaultHttp2HeadersEncoder compression = new DefaultHttp2HeadersEncoder();
  private final FrameBatch frames = new FrameBatch(compression, new DefaultHttp2FrameWriter());
  private final Socket socket = new Socket();
  private final EmbeddedChannel channel = channel();

  private EmbeddedChannel channel() {
    EmbeddedChannel made = new EmbeddedChannel();
    made.config().setAllocator(alloc);
    made.pipeline().addLast(socket, frames);
    return made;
  }

  @AfterEach
  void nothingIsKept() {
    channel.finishAndReleaseAll();
    socket.batches.forEach(ByteBuf::release);
    compression.close();
    assertEquals(0, alloc.metric().usedHeapMemory(), "heap");
    assertEquals(0, alloc.metric().usedDirectMemory(), "direct");
  }

  private static Http2Headers head(int length) {
    return new DefaultHttp2Headers().method("POST").path("/a.B/C").add("x", "v".repeat(length));
  }

  /** Reads the frames of a batch, which must be whole. */
  private List<Frame> framesOf(int batch) {
    ByteBuf bytes = socket.batches.get(batch).duplicate();
    List<Frame> read = new ArrayList<>();
    while (bytes.isReadable()) {
      int length = bytes.readUnsignedMedium();
      read.add(new Frame(bytes.readByte(), bytes.readByte(), bytes.readInt(), length));
      bytes.skipBytes(length);
    }
    return read;
  }

  private List<Frame> allFrames() {
    List<Frame> all = new ArrayList<>();
    for (int i = 0; i < socket.batches.size(); i++) {
      all.addAll(framesOf(i));
    }
    return all;
  }

  private Zeros data(int stream, int length, boolean last) {
    Zeros data = new Zeros(length, last);
    frames.data(stream, data, 0, length, last);
    frames.tell(data);
    return data;
  }

  @Test
  void aHeadAndItsDataLeaveTogetherAndTheDataEndsTheStream() throws Http2Exception {
    frames.headers(1, head(3));
    Zeros data = data(1, 100, true);
    assertTrue(socket.batches.isEmpty(), "left before the flush");

    channel.flush();

    assertEquals(1, socket.batches.size());
    List<Frame> read = framesOf(0);
    assertEquals(
        List.of(new Frame(1, 0x4, 1, read.get(0).length), new Frame(0, 0x1, 1, 100)), read);
    assertTrue(data.told.isEmpty());
    socket.promises.get(0).setSuccess();
    assertEquals(1, data.told.size());
    assertNull(data.told.get(0));
  }

  @Test
  void aHeadAboveTheSizeOfAFrameGoesOnInOthersAndCanBeRead() throws Http2Exception {
    Http2Headers large = head(3 * FRAME_BYTES);
    frames.headers(1, large);
    data(1, 7, true);
    channel.flush();

    List<Frame> read = allFrames();
    assertEquals(new Frame(1, 0, 1, FRAME_BYTES), read.get(0));
    assertEquals(new Frame(9, 0, 1, FRAME_BYTES), read.get(1));
    Frame last = read.get(read.size() - 2);
    assertEquals(new Frame(9, 0x4, 1, last.length), last);
    assertEquals(new Frame(0, 0x1, 1, 7), read.get(read.size() - 1));
    assertEquals(large, blockOf(0, 1));
  }

  private Http2Headers blockOf(int batch, int stream) throws Http2Exception {
    ByteBuf bytes = socket.batches.get(batch).duplicate();
    ByteBuf block = alloc.buffer();
    while (bytes.isReadable()) {
      int length = bytes.readUnsignedMedium();
      byte type = bytes.readByte();
      bytes.skipBytes(5);
      if (type == 0) {
        bytes.skipBytes(length);
      } else {
        block.writeBytes(bytes, length);
      }
    }
    try {
      return new DefaultHttp2HeadersDecoder(true, 1 << 20).decodeHeaders(stream, block);
    } finally {
      block.release();
    }
  }

  @Test
  void aHeadThatThePeerDoesNotTakeLeavesNothingBehind() throws Http2Exception {
    compression.maxHeaderListSize(200);
    frames.headers(1, head(3));
    assertThrows(Http2Exception.class, () -> frames.headers(3, head(300)));
    data(1, 5, true);
    channel.flush();

    assertEquals(2, framesOf(0).size());
  }

  /** RFC 7541 4.2: a decoder refuses the first head behind a change that does not say it. */
  @ParameterizedTest
  @ValueSource(longs = {0, 100, 10_000})
  void aHeadThatThePeerDoesNotTakeKeepsNoChangeOfTheTableFromTheNext(long tableBytes)
      throws Http2Exception {
    DefaultHttp2HeadersDecoder peer = new DefaultHttp2HeadersDecoder(true, 1 << 20);
    compression.maxHeaderListSize(200);
    peer.configuration().maxHeaderTableSize(tableBytes);
    compression.maxHeaderTableSize(tableBytes);
    assertThrows(Http2Exception.class, () -> frames.headers(1, head(300)));
    assertThrows(Http2Exception.class, () -> frames.headers(3, head(300)));
    frames.headers(5, head(3));
    frames.headers(7, head(3));
    channel.flush();

    ByteBuf bytes = socket.batches.get(0).duplicate();
    for (int stream = 5; stream <= 7; stream += 2) {
      int length = bytes.readUnsignedMedium();
      bytes.skipBytes(6);
      assertEquals(head(3), peer.decodeHeaders(stream, bytes.readSlice(length)));
    }
    assertFalse(bytes.isReadable());
  }

  @Test
  void dataAboveTheSizeOfAFrameIsCut() {
    data(1, 2 * FRAME_BYTES + 1, true);
    channel.flush();

    assertEquals(
        List.of(
            new Frame(0, 0, 1, FRAME_BYTES),
            new Frame(0, 0, 1, FRAME_BYTES),
            new Frame(0, 0x1, 1, 1)),
        allFrames());
  }

  @Test
  void messagesOfOneStreamShareAFrameAndThoseOfAnotherDoNot() {
    data(1, 10, false);
    data(1, 20, false);
    data(3, 30, false);
    data(1, 0, true);
    channel.flush();

    assertEquals(
        List.of(new Frame(0, 0, 1, 30), new Frame(0, 0, 3, 30), new Frame(0, 0x1, 1, 0)),
        framesOf(0));
  }

  @Test
  void theEndJoinsTheLastMessage() {
    data(1, 10, false);
    data(1, 0, true);
    channel.flush();

    assertEquals(List.of(new Frame(0, 0x1, 1, 10)), framesOf(0));
  }

  @Test
  void aFrameOfTheCodecPassesBehindWhatWasCollected() throws Http2Exception {
    ByteBuf ping = alloc.buffer().writeZero(17);
    frames.headers(1, head(3));
    channel.write(ping);
    frames.headers(3, head(3));
    channel.flush();

    assertEquals(3, socket.batches.size());
    assertEquals(1, framesOf(0).get(0).stream);
    assertSame(ping, socket.batches.get(1));
    assertEquals(3, framesOf(2).get(0).stream);
  }

  @Test
  void onlyWhatEndsInThePartThatTheSocketTookHasLeft() {
    Zeros first = data(1, 100, true);
    Zeros second = data(3, 100, true);
    Zeros third = data(5, 100, true);
    channel.flush();

    socket.take(0, 108);
    assertTrue(first.told.isEmpty(), "one byte of it is still here");
    socket.take(0, 109);
    assertEquals(1, first.told.size());
    socket.take(0, 220);
    IOException lost = new IOException("reset");
    socket.promises.get(0).setFailure(lost);

    assertNull(first.told.get(0));
    assertNull(second.told.get(0));
    assertEquals(List.of(lost), third.told);
  }

  @Test
  void withTlsEachDepartureEndsABatch() throws Http2Exception, SSLException {
    SslContextBuilder tls = SslContextBuilder.forClient();
    FrameBatch behindTls = new FrameBatch(compression, new DefaultHttp2FrameWriter());
    Socket encrypted = new Socket();
    EmbeddedChannel secure =
        new EmbeddedChannel(tls.build().newHandler(alloc), encrypted, behindTls);
    for (int stream = 1; stream < 6; stream += 2) {
      behindTls.headers(stream, head(3));
      Zeros data = new Zeros(5, true);
      behindTls.data(stream, data, 0, 5, true);
      behindTls.tell(data);
    }

    assertEquals(3, encrypted.batches.size());
    encrypted.batches.forEach(ByteBuf::release);
    secure.finishAndReleaseAll();
  }

  @Test
  void whatWasNotFlushedIsDroppedWithTheConnectionAndSaysSo() throws Http2Exception {
    frames.headers(1, head(3));
    Zeros data = data(1, 5, true);

    channel.pipeline().remove(frames);

    assertInstanceOf(IOException.class, data.told.get(0));
    assertEquals(1, data.told.size());
    assertTrue(socket.batches.isEmpty());
  }

  @Test
  void muchIsPassedOnBeforeTheFlushSoThatTheChannelKnowsOfIt() {
    for (int i = 0; i < 100; i++) {
      data(1 + 2 * i, 1_000, true);
    }

    long passed = socket.batches.stream().mapToLong(ByteBuf::readableBytes).sum();
    assertTrue(passed >= 100 * 1_009 - 32 * 1_024, passed + " bytes");
  }
}
