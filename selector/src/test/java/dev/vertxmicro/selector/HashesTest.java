// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The hashes against what Go's libraries for them computed. */
class HashesTest {

  private static final int LENGTH = 0;
  private static final int XX = 1;
  private static final int XX_SEEDED = 2;
  private static final int HIGHWAY_64 = 3;
  private static final int HIGHWAY_256 = 4;
  private static final long SEED = 2654435761L;

  private static List<String[]> vectors() {
    return Lines.of("hashes.csv").map(line -> line.split(",", -1)).toList();
  }

  private static String bytes(String length) {
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < Integer.parseInt(length); i++) {
      bytes.append((char) (i * 37 + 11 & 0xff));
    }
    return bytes.toString();
  }

  /** 32 bytes, 255 and down in steps of 7, as words with the lowest byte first. */
  private static long[] key() {
    long[] key = new long[4];
    for (int i = 0; i < 32; i++) {
      key[i / 8] |= (255L - 7 * i & 0xff) << (i % 8 * 8);
    }
    return key;
  }

  private static String hex(long word) {
    return String.format("%016x", word);
  }

  @Test
  void xxHashIsThatOfGo() {
    for (String[] vector : vectors()) {
      String bytes = bytes(vector[LENGTH]);

      assertEquals(vector[XX], hex(XxHash.hash(bytes, 0)), vector[LENGTH]);
      assertEquals(vector[XX_SEEDED], hex(XxHash.hash(bytes, SEED)), vector[LENGTH]);
    }
    assertEquals(79, vectors().size());
  }

  @Test
  void highwayHashIsThatOfGo() {
    for (String[] vector : vectors()) {
      String bytes = bytes(vector[LENGTH]);
      HighwayHash hash = HighwayHash.ofThread();
      long[] hashed = new long[4];

      long short64 = hash.hash64(HighwayHash.Packets.of(bytes), key());
      hash.hash256(bytes, key(), hashed);

      assertEquals(vector[HIGHWAY_64], hex(short64), vector[LENGTH]);
      assertEquals(
          vector[HIGHWAY_256],
          Arrays.stream(hashed).mapToObj(HashesTest::hex).collect(Collectors.joining()),
          vector[LENGTH]);
    }
  }

  @Test
  void textIsHashedByItsUtf8Bytes() {
    String ascii = "user-1~\u007f";
    assertSame(ascii, Utf8.bytes(ascii));
    assertNotSame("\u0080", Utf8.bytes("\u0080"));
    assertEquals("J\u00c3\u00bcrgen", Utf8.bytes("J\u00fcrgen"));
    assertEquals("\u00f0\u009f\u0098\u0080", Utf8.bytes("\ud83d\ude00"));
  }
}
