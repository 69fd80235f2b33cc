// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class EventBusCodecTest {

  private static final Message EVENT =
      Message.event("news")
          .id("für-日本")
          .contentType("text/plain")
          .headers(Metadata.of("A", "1", "a", "2", "B", ""))
          .body(Buffer.buffer(new byte[] {0, -1, 7}))
          .build();

  private final EventBusCodec codec = new EventBusCodec();

  private Buffer written(Message event) {
    Buffer wire = Buffer.buffer("before");
    codec.encodeToWire(wire, event);
    return wire;
  }

  @Test
  void readsWhatItWrites() {
    Message bare = Message.event("news").build();

    assertEquals(EVENT, codec.decodeFromWire(6, written(EVENT)));
    assertEquals(bare, codec.decodeFromWire(6, written(bare)));
  }

  @Test
  void passesAnEventOnWithinAProcess() {
    assertSame(EVENT, codec.transform(EVENT));
  }

  @Test
  void refusesOtherVersions() {
    Buffer wire = written(EVENT).setByte(6, (byte) 2);

    assertThrows(IllegalArgumentException.class, () -> codec.decodeFromWire(6, wire));
  }

  @Test
  void refusesWhatIsCutOffWhereverThatIs() {
    Buffer whole = written(EVENT);
    for (int length = 6; length < whole.length(); length++) {
      Buffer cut = whole.getBuffer(0, length);
      assertThrows(RuntimeException.class, () -> codec.decodeFromWire(6, cut), "at " + length);
    }
  }

  @Test
  void refusesLengthsThatCannotBe() {
    for (int length : new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      Buffer wire = written(EVENT).setInt(7, length);
      assertThrows(IllegalArgumentException.class, () -> codec.decodeFromWire(6, wire));
    }
  }
}
