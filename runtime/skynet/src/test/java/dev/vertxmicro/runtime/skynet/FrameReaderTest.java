// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {

  private static final List<Integer> LENGTHS = List.of(0, 1, 5, 0, 255, 256, 32_773, 65_535, 2);

  @Test
  void cutsFramesWhereverReadsEnd() {
    Buffer wire = Buffer.buffer();
    List<Buffer> expected = new ArrayList<>();
    Random random = new Random(3);
    for (int length : LENGTHS) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      expected.add(Buffer.buffer(content));
      wire.appendUnsignedShort(length).appendBytes(content);
    }

    assertEquals(expected, read(wire, () -> wire.length()));
    assertEquals(expected, read(wire, () -> 1));
    for (int round = 0; round < 200; round++) {
      int most = round % 2 == 0 ? 7 : 40_000;
      assertEquals(expected, read(wire, () -> 1 + random.nextInt(most)));
    }
  }

  private static List<Buffer> read(Buffer wire, java.util.function.IntSupplier sizes) {
    List<Buffer> frames = new ArrayList<>();
    FrameReader reader =
        new FrameReader(
            (bytes, from, to) -> {
              frames.add(bytes.getBuffer(from, to));
              return true;
            });
    int at = 0;
    while (at < wire.length()) {
      int end = Math.min(wire.length(), at + sizes.getAsInt());
      reader.add(wire.getBuffer(at, end));
      at = end;
    }
    return frames;
  }

  @Test
  void stopsWhenNoMoreIsWanted() {
    List<Integer> seen = new ArrayList<>();
    FrameReader reader =
        new FrameReader(
            (bytes, from, to) -> {
              seen.add(to - from);
              return seen.size() < 2;
            });

    reader.add(Vectors.bytes("00010a" + "00020a0b" + "0000"));

    assertEquals(List.of(1, 2), seen);
  }

  @Test
  void takesAnyBytesAtAll() {
    Random random = new Random(11);
    int[] total = {0};
    for (int round = 0; round < 2_000; round++) {
      FrameReader reader =
          new FrameReader(
              (bytes, from, to) -> {
                assertTrue(from >= 2 && to >= from && to <= bytes.length());
                total[0]++;
                return true;
              });
      for (int i = random.nextInt(8); i >= 0; i--) {
        byte[] bytes = new byte[random.nextInt(20_000)];
        random.nextBytes(bytes);
        reader.add(Buffer.buffer(bytes));
      }
    }
    assertTrue(total[0] > 1_000, "frames: " + total[0]);
  }
}
