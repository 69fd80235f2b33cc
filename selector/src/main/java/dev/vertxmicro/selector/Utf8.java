// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.nio.charset.StandardCharsets;

/**
 * Text as the hashes read it: a string in which each char is one byte of the UTF-8 form. Text of
 * ASCII is that already, so that hashing it allocates nothing; other text is encoded.
 */
final class Utf8 {

  private Utf8() {}

  /** Returns {@code text} as a string of bytes: itself if it is ASCII. */
  static String bytes(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      }
    }
    return text;
  }

  /** Reads 8 bytes, the lowest first. */
  static long longAt(String bytes, int index) {
    return intAt(bytes, index) | (intAt(bytes, index + 4) << 32);
  }

  /** Reads 4 bytes, the lowest first, as an unsigned number. */
  static long intAt(String bytes, int index) {
    return bytes.charAt(index)
        | (bytes.charAt(index + 1) << 8)
        | (bytes.charAt(index + 2) << 16)
        | ((long) bytes.charAt(index + 3) << 24);
  }
}
