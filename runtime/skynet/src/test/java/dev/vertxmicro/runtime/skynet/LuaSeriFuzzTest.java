// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that nobody meant: a value or a {@link CodecException}, and no more memory than due. */
class LuaSeriFuzzTest {

  private static final int ROUNDS = 100_000;

  /**
   * An array of nils is one reference for each byte, an empty string an element and a map entry.
   */
  private static final long MOST_BYTES_PER_BYTE = 200;

  private final Random random = new Random(5);

  @Test
  void readsOrRefusesRandomBytes() {
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      refused += readsAgainWhatItReads(Buffer.buffer(bytes)) ? 0 : 1;
    }
    assertTrue(refused > ROUNDS / 4 && refused < ROUNDS, "refused: " + refused);
  }

  @Test
  void readsOrRefusesMutatedBytes() {
    int refused = 0;
    for (int i = 0; i < ROUNDS / 2; i++) {
      byte[] bytes = LuaSeri.pack(LuaValues.ofAll(list(0))).getBytes();
      for (int change = random.nextInt(4); bytes.length > 0 && change > 0; change--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      refused += readsAgainWhatItReads(Buffer.buffer(bytes).slice(0, length)) ? 0 : 1;
    }
    assertTrue(refused > 1_000 && refused < ROUNDS / 2, "refused: " + refused);
  }

  @Test
  void readsWhatItWrote() {
    for (int i = 0; i < ROUNDS / 10; i++) {
      LuaValues values = LuaValues.ofAll(list(0));
      assertEquals(values, LuaSeri.unpack(LuaSeri.pack(values)));
    }
  }

  @Test
  void takesMemoryInProportionToTheBytes() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    readsAgainWhatItReads(Vectors.bytes("fe22ffffff7f"));
    for (String seed : List.of("fe22ffffff7f", "25ffffff7f", "fe2210000000", "0e", "f6", "06")) {
      Buffer bytes = Buffer.buffer();
      while (bytes.length() < 60_000) {
        bytes.appendBuffer(Vectors.bytes(seed));
      }
      long before = threads.getCurrentThreadAllocatedBytes();

      readsAgainWhatItReads(bytes);

      long taken = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(taken < bytes.length() * MOST_BYTES_PER_BYTE, seed + " took " + taken);
    }
  }

  /** Returns whether the bytes were values; those are then read back from what is written. */
  private static boolean readsAgainWhatItReads(Buffer bytes) {
    LuaValues values;
    try {
      values = LuaSeri.unpack(bytes);
    } catch (CodecException refused) {
      assertTrue(refused.getMessage().contains(" at offset "), refused.getMessage());
      return false;
    }
    Buffer written;
    try {
      written = LuaSeri.pack(values);
    } catch (CodecException pointerOrTooDeep) {
      return true;
    }
    // NaN has many bytes, all of which are equal.
    assertEquals(values, LuaSeri.unpack(written));
    return true;
  }

  private List<Object> list(int depth) {
    List<Object> list = new ArrayList<>();
    for (int i = random.nextInt(depth == 0 ? 8 : 4); i > 0; i--) {
      list.add(value(depth));
    }
    return list;
  }

  private Object value(int depth) {
    return switch (random.nextInt(depth < 4 ? 9 : 7)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextLong() >> random.nextInt(64);
      case 3 -> random.nextDouble();
      case 4 -> "x".repeat(random.nextInt(40));
      case 5 -> (long) random.nextInt(300);
      case 6 -> "s".repeat(random.nextInt(3) * 400);
      case 7 -> list(depth + 1);
      default -> {
        Map<Object, Object> pairs = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          pairs.put("k" + random.nextInt(9), value(depth + 1));
        }
        yield LuaTable.of(list(depth + 1), pairs);
      }
    };
  }
}
