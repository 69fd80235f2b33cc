// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.pooling.Departure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFramesTest {

  private static final int MOST_BYTES = 100_000;

  /** A socket that takes as much as it is told to. */
  private static final class Socket extends ChannelOutboundHandlerAdapter {
    final List<ByteBuf> batches = new ArrayList<>();
    final List<ChannelPromise> promises = new ArrayList<>();
    int flushes;

    @Override
    public void write(ChannelHandlerContext ctx, Object bytes, ChannelPromise promise) {
      batches.add((ByteBuf) bytes);
      promises.add(promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      flushes++;
    }

    /** Takes so many bytes of a batch. */
    void take(int batch, int bytes) {
      ((ChannelProgressivePromise) promises.get(batch))
          .setProgress(bytes, batches.get(batch).readableBytes());
    }
  }

  /** Notes what it is told: null for having left. */
  private static final class Told extends Departure {
    final List<@Nullable Throwable> told = new ArrayList<>();

    @Override
    public void left(@Nullable Throwable failure) {
      told.add(failure);
    }
  }

  private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
  private final List<String> drains = new ArrayList<>();
  private final TextFrames texts = new TextFrames(MOST_BYTES, () -> drains.add("drained"));
  private final Socket socket = new Socket();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  TextFramesTest() {
    channel.config().setAllocator(alloc);
    channel.pipeline().addLast(socket, new WebSocket13FrameEncoder(true));
    texts.enter(channel.pipeline());
  }

  @AfterEach
  void nothingIsKept() {
    channel.finishAndReleaseAll();
    socket.batches.forEach(ByteBuf::release);
    assertEquals(0, alloc.metric().usedHeapMemory(), "heap");
    assertEquals(0, alloc.metric().usedDirectMemory(), "direct");
  }

  private Told write(long id, String parameters) {
    Told told = new Told();
    texts.write(RequestText.of("run", Buffer.buffer(parameters)), id, told);
    return told;
  }

  private static String text(long id, String members) {
    return "{\"op_id\":\"" + id + "\",\"action\":\"run\"" + members + "}";
  }

  private static String large(int length) {
    return "\"a\":\"" + "x".repeat(length) + "\"";
  }

  /** Returns the frames of all batches, as a server that trusts nobody reads them. */
  private List<WebSocketFrame> frames() {
    EmbeddedChannel server =
        new EmbeddedChannel(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(true)
                    .maxFramePayloadLength(MOST_BYTES)
                    .withUTF8Validator(true)
                    .build()));
    socket.batches.forEach(batch -> server.writeInbound(batch.retainedDuplicate()));
    List<WebSocketFrame> read = new ArrayList<>();
    for (WebSocketFrame frame = server.readInbound(); frame != null; frame = server.readInbound()) {
      read.add(frame);
    }
    return read;
  }

  private List<String> texts() {
    List<WebSocketFrame> frames = frames();
    List<String> read =
        frames.stream().map(each -> each.content().toString(StandardCharsets.UTF_8)).toList();
    frames.forEach(WebSocketFrame::release);
    return read;
  }

  @Test
  void theMessagesOfOneTurnLeaveTogether() {
    Told first = write(1, "{}");
    Told second = write(4_294_967_297L, "{\"a\":\"\u00e9\u20ac\"}");
    assertTrue(socket.batches.isEmpty(), "left before the turn is over");

    channel.runPendingTasks();

    assertEquals(1, socket.batches.size());
    assertEquals(List.of(text(1, ""), text(4_294_967_297L, ",\"a\":\"\u00e9\u20ac\"")), texts());
    assertTrue(first.told.isEmpty());
    socket.promises.get(0).setSuccess();
    assertNull(first.told.get(0));
    assertNull(second.told.get(0));
    assertEquals(2, first.told.size() + second.told.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 90, 91, 65_500, 65_501})
  void framesOfAllLengthsAreRead(int length) {
    write(7, "{" + large(length) + "}");
    channel.runPendingTasks();

    assertEquals(List.of(text(7, "," + large(length))), texts());
  }

  @Test
  void eachFrameHasAMaskOfItsOwn() {
    Set<Integer> masks = new HashSet<>();
    for (int i = 1; i <= 1_000; i++) {
      write(i, "{}");
    }
    channel.runPendingTasks();

    for (ByteBuf batch : socket.batches) {
      ByteBuf bytes = batch.duplicate();
      while (bytes.isReadable()) {
        int length = bytes.skipBytes(1).readByte() & 0x7f;
        masks.add(bytes.readInt());
        bytes.skipBytes(length);
      }
    }
    assertTrue(masks.size() > 990, masks.size() + " masks");
  }

  @Test
  void aMessageThatIsLargerThanAFrameGoesInParts() {
    Told told = write(1, "{" + large(2 * MOST_BYTES) + "}");
    channel.runPendingTasks();

    List<WebSocketFrame> read = frames();
    assertInstanceOf(TextWebSocketFrame.class, read.get(0));
    assertInstanceOf(ContinuationWebSocketFrame.class, read.get(1));
    assertFalse(read.get(1).isFinalFragment());
    assertTrue(read.get(2).isFinalFragment());
    assertEquals(3, read.size());
    read.forEach(WebSocketFrame::release);
    assertEquals(text(1, "," + large(2 * MOST_BYTES)), String.join("", texts()));
    socket.promises.forEach(promise -> promise.trySuccess());
    assertEquals(1, told.told.size());
  }

  @Test
  void manyMessagesLeaveBeforeTheTurnIsOver() {
    for (int i = 1; i <= 32; i++) {
      write(i, "{}");
    }
    assertEquals(1, socket.flushes);
    write(33, "{" + large(33_000) + "}");

    assertEquals(2, socket.flushes);
  }

  @Test
  void aPingPassesBehindWhatWasWrittenBefore() {
    write(1, "{}");
    channel.write(new PingWebSocketFrame());
    write(2, "{}");
    channel.runPendingTasks();

    List<WebSocketFrame> read = frames();
    assertInstanceOf(TextWebSocketFrame.class, read.get(0));
    assertInstanceOf(PingWebSocketFrame.class, read.get(1));
    assertInstanceOf(TextWebSocketFrame.class, read.get(2));
    read.forEach(WebSocketFrame::release);
  }

  @Test
  void onlyWhatEndsInThePartThatTheSocketTookHasLeft() {
    Told first = write(1, "{}");
    Told second = write(2, "{}");
    channel.runPendingTasks();
    int each = socket.batches.get(0).readableBytes() / 2;

    socket.take(0, each - 1);
    assertTrue(first.told.isEmpty(), "one byte of it is still here");
    socket.take(0, 2 * each - 1);
    IOException lost = new IOException("reset");
    socket.promises.get(0).setFailure(lost);

    assertNull(first.told.get(0));
    assertEquals(List.of(lost), second.told);
  }

  @Test
  void withTlsEachMessageLeavesByItself() throws SSLException {
    Socket encrypted = new Socket();
    EmbeddedChannel secure =
        new EmbeddedChannel(
            SslContextBuilder.forClient().build().newHandler(alloc),
            encrypted,
            new WebSocket13FrameEncoder(true));
    TextFrames behindTls = new TextFrames(MOST_BYTES, () -> {});
    behindTls.enter(secure.pipeline());
    for (int id = 1; id <= 3; id++) {
      behindTls.write(RequestText.of("run", Buffer.buffer()), id, new Told());
    }

    assertEquals(3, encrypted.batches.size());
    encrypted.batches.forEach(ByteBuf::release);
    secure.finishAndReleaseAll();
  }

  @Test
  void whatWasNotFlushedIsDroppedWithTheConnectionAndSaysSo() {
    Told told = write(1, "{}");

    channel.pipeline().remove(texts);

    assertInstanceOf(IOException.class, told.told.get(0));
    assertEquals(1, told.told.size());
    assertTrue(socket.batches.isEmpty());
  }

  @Test
  void tellsWhenASocketThatWasFullTakesMoreAgain() {
    assertFalse(texts.isFull());
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    assertTrue(texts.isFull());
    assertTrue(drains.isEmpty());

    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    channel.runPendingTasks();

    assertFalse(texts.isFull());
    assertEquals(List.of("drained"), drains);
  }

  @Test
  void saysClearlyThatVertxMakesItsWebSocketsInAnotherWay() {
    EmbeddedChannel other = new EmbeddedChannel(new Socket());
    TextFrames unplaced = new TextFrames(MOST_BYTES, () -> {});

    IllegalStateException changed =
        assertThrows(IllegalStateException.class, () -> unplaced.enter(other.pipeline()));

    assertTrue(changed.getMessage().contains("expected: an encoder of frames"));
    other.finishAndReleaseAll();
  }
}
