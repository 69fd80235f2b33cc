// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

  private static final int MOST = 100_000;

  private final MessageReader reader = new MessageReader(MOST, "gzip");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 100, 16_384, 1_000_000})
  void findsMessagesInChunksOfAnySize(int chunkSize) {
    Random random = new Random(chunkSize);
    List<Buffer> sent = new ArrayList<>();
    Buffer wire = Buffer.buffer();
    for (int size : new int[] {0, 1, 0, 4, 5, 6, 1_000, 0, 70_000, 3, MOST, 0}) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      sent.add(Buffer.buffer(bytes));
      wire.appendBuffer(MessageFrame.of(Buffer.buffer(bytes)));
    }

    List<Buffer> read = new ArrayList<>();
    for (int at = 0; at < wire.length(); at += chunkSize) {
      reader.add(wire.getBuffer(at, Math.min(wire.length(), at + chunkSize)));
      while (reader.hasNext()) {
        read.add(reader.next());
      }
      assertNull(reader.next());
    }

    assertEquals(sent, read);
    assertTrue(reader.isEmpty());
  }

  @Test
  void keepsWhatIsNotTakenWhileMoreComes() {
    List<Buffer> read = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      reader.add(MessageFrame.of(Buffer.buffer("no. " + i)));
      if (i % 3 == 0) {
        read.add(reader.next());
      }
    }
    while (reader.hasNext()) {
      read.add(reader.next());
    }

    assertEquals(100, read.size());
    for (int i = 0; i < 100; i++) {
      assertEquals("no. " + i, read.get(i).toString());
    }
  }

  @Test
  void refusesWhatIsTooLargeBeforeItIsThere() {
    reader.add(Buffer.buffer().appendByte((byte) 0).appendInt(MOST + 1));

    assertTrue(reader.hasNext());
    FramingException refused = assertThrows(FramingException.class, reader::next);
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.status());
    assertEquals("received message larger than max (100001 vs. 100000)", refused.getMessage());
  }

  @Test
  void readsLengthsWithoutSign() {
    reader.add(Buffer.buffer().appendByte((byte) 0).appendInt(-1));

    FramingException refused = assertThrows(FramingException.class, reader::next);
    assertTrue(refused.getMessage().contains("4294967295"), refused.getMessage());
  }

  @Test
  void refusesUnknownFlags() {
    reader.add(Buffer.buffer().appendByte((byte) 7).appendInt(0));

    assertEquals(GrpcStatus.INTERNAL, assertThrows(FramingException.class, reader::next).status());
  }

  @Test
  void inflatesNoFurtherThanTheBound() throws IOException {
    reader.add(compressed(MOST));
    assertEquals(MOST, reader.next().length());

    reader.add(compressed(MOST + 1));
    assertEquals(
        GrpcStatus.RESOURCE_EXHAUSTED, assertThrows(FramingException.class, reader::next).status());
  }

  @Test
  void refusesACompressedMessageWithoutEncoding() throws IOException {
    MessageReader plain = new MessageReader(MOST, null);
    plain.add(compressed(10));

    FramingException refused = assertThrows(FramingException.class, plain::next);
    assertEquals("compressed message, but grpc-encoding is null", refused.getMessage());
  }

  @Test
  void tellsHowMuchIsLeftOfACutMessage() {
    reader.add(Buffer.buffer("abc"));

    assertFalse(reader.hasNext());
    assertFalse(reader.isEmpty());
    assertEquals(3, reader.left());
  }

  private static Buffer compressed(int size) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(new byte[size]);
    }
    return Buffer.buffer()
        .appendByte((byte) 1)
        .appendInt(bytes.size())
        .appendBytes(bytes.toByteArray());
  }
}
