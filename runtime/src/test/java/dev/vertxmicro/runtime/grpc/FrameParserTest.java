// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FrameParserTest {
  private final FrameWriter writer = new FrameWriter();
  private final Buffer some =
      Buffer.buffer()
          .appendBuffer(
              FrameWriter.frame(
                  FrameType.SETTINGS, 0, 0, Buffer.buffer().appendShort((short) 3).appendInt(-1)))
          .appendBuffer(
              writer.headers(
                  1,
                  SeenFrame.END_STREAM,
                  List.of(
                      new Header(":status", "200"),
                      new Header("x", "caf\u00e9"),
                      new Header("x", ""))))
          .appendBuffer(
              FrameWriter.frame(FrameType.RST_STREAM, 0, 1, Buffer.buffer().appendInt(-1)))
          .appendBuffer(
              FrameWriter.frame(
                  FrameType.GOAWAY, 0, 0, Buffer.buffer().appendInt(-1).appendInt(11)));

  @Test
  void readsFramesWhereverTheBytesAreCut() {
    List<SeenFrame> whole = FrameParser.ofServer(0).feed(some);
    List<SeenFrame> byBytes = new ArrayList<>();
    FrameParser parser = FrameParser.ofServer(0);
    for (int i = 0; i < some.length(); i++) {
      byBytes.addAll(parser.feed(some.getBuffer(i, i + 1)));
    }

    assertEquals(4, whole.size());
    assertEquals(whole, byBytes);
  }

  @Test
  void readsFieldsAsTheyAre() {
    List<SeenFrame> frames = FrameParser.ofServer(0).feed(some);

    assertEquals(Map.of(3, 0xFFFFFFFFL), frames.get(0).settings());
    assertEquals(
        List.of(new Header(":status", "200"), new Header("x", "caf\u00e9"), new Header("x", "")),
        frames.get(1).headers());
    assertTrue(frames.get(1).endsStream());
    assertEquals(0xFFFFFFFFL, frames.get(2).errorCode());
    assertEquals(Integer.MAX_VALUE, frames.get(3).lastStreamId());
    assertEquals(11, frames.get(3).errorCode());
  }

  @Test
  void joinsContinuationFrames() {
    String large = "v".repeat(3 * FrameWriter.MAX_PAYLOAD);

    List<SeenFrame> frames =
        FrameParser.ofServer(0).feed(writer.headers(5, 0, List.of(new Header("large", large))));

    assertEquals(1, frames.size());
    assertTrue(frames.get(0).is(FrameType.HEADERS, 5));
    assertEquals(Optional.of(large), frames.get(0).header("large"));
  }

  @Test
  void takesPaddingAndPriorityAway() {
    Buffer padded = Buffer.buffer(new byte[] {2, 'a', 'b', 'c', 0, 0});
    Buffer block = writer.headers(1, 0, List.of(new Header("a", "b")));
    Buffer wrapped =
        Buffer.buffer(new byte[] {1, 0, 0, 0, 0, 16})
            .appendBuffer(block.getBuffer(FrameParser.HEADER_LENGTH, block.length()))
            .appendByte((byte) 0);
    int flags = SeenFrame.PADDED | SeenFrame.PRIORITY | SeenFrame.END_HEADERS;

    List<SeenFrame> frames =
        FrameParser.ofServer(0)
            .feed(
                Buffer.buffer()
                    .appendBuffer(FrameWriter.frame(FrameType.DATA, SeenFrame.PADDED, 1, padded))
                    .appendBuffer(FrameWriter.frame(FrameType.HEADERS, flags, 1, wrapped)));

    assertEquals("abc", frames.get(0).payload().toString());
    assertEquals(6, frames.get(0).length());
    assertEquals(List.of(new Header("a", "b")), frames.get(1).headers());
  }

  @Test
  void bytesThatAreNoPrefaceAreGarbageOnce() {
    FrameParser parser = FrameParser.ofClient(0);

    List<SeenFrame> first = parser.feed(Buffer.buffer("PRI GET /"));

    assertEquals(List.of(FrameType.GARBAGE), first.stream().map(SeenFrame::type).toList());
    assertEquals(List.of(), parser.feed(FrameParser.PREFACE.copy().appendBuffer(some)));
  }

  @Test
  void anUnreadableHeaderBlockIsGarbage() {
    Buffer noSuchIndex = Buffer.buffer(new byte[] {(byte) 0xFE});

    List<SeenFrame> frames =
        FrameParser.ofServer(0)
            .feed(
                FrameWriter.frame(FrameType.HEADERS, SeenFrame.END_HEADERS, 7, noSuchIndex)
                    .appendBuffer(some));

    assertEquals(List.of(FrameType.GARBAGE), frames.stream().map(SeenFrame::type).toList());
  }
}
