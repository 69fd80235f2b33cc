// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

  private final MessageReader reader = new MessageReader(100);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 11, 64, 1_000})
  void cutsMessagesOutOfChunksOfAnySize(int size) {
    List<String> sent = List.of("one", "", "three", "x".repeat(100));
    Buffer all = Buffer.buffer();
    sent.forEach(text -> all.appendBuffer(MessageReader.frame(Buffer.buffer(text))));
    List<String> received = new ArrayList<>();

    for (int at = 0; at < all.length(); at += size) {
      reader.add(all.getBuffer(at, Math.min(all.length(), at + size)));
      for (Buffer next = reader.next(); next != null; next = reader.next()) {
        received.add(next.toString());
      }
    }

    assertEquals(sent, received);
    assertFalse(reader.isInside());
  }

  @Test
  void tellsOfAMessageThatIsTooLargeBeforeItHasCome() {
    reader.add(Buffer.buffer().appendByte((byte) 0).appendInt(101));

    assertTrue(reader.isTooLarge());
    assertEquals(101, reader.announced());
    assertNull(reader.next());
  }

  @Test
  void takesALengthAsUnsigned() {
    reader.add(Buffer.buffer().appendByte((byte) 0).appendInt(-1));

    assertTrue(reader.isTooLarge());
    assertEquals(0xffff_ffffL, reader.announced());
  }

  @Test
  void tellsOfACompressedMessage() {
    reader.add(Buffer.buffer().appendByte((byte) 1).appendInt(1));

    assertTrue(reader.isCompressed());
  }

  @Test
  void tellsThatItIsInsideOfAMessage() {
    assertFalse(reader.isInside());
    reader.add(Buffer.buffer().appendByte((byte) 0));
    assertTrue(reader.isInside());
    assertFalse(reader.isTooLarge());
    assertFalse(reader.isCompressed());
  }
}
