// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import java.nio.charset.StandardCharsets;

/**
 * The percent-encoding of {@code grpc-message} (gRPC's PROTOCOL-HTTP2.md): UTF-8 bytes, of which
 * space to {@code ~} stay as they are, but for {@code %}. Unlike in URLs a {@code +} is a plus.
 *
 * <p>Text that needs no change is returned itself, so the usual message costs one pass and no
 * garbage.
 */
public final class PercentEncoding {

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private PercentEncoding() {}

  /** Returns {@code text} as a header value. An unpaired surrogate becomes a question mark. */
  public static String encode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPlain(text.charAt(i))) {
        return encodeAll(text);
      }
    }
    return text;
  }

  private static String encodeAll(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder encoded = new StringBuilder(utf8.length + 16);
    for (byte b : utf8) {
      char c = (char) (b & 0xff);
      if (isPlain(c)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 0xf]);
      }
    }
    return encoded.toString();
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c <= '~' && c != '%';
  }

  /**
   * Returns the text of a header value. Never throws: a {@code %} without two hex digits stays, and
   * bytes that are not UTF-8 become U+FFFD. Characters U+0080 to U+00FF are taken as bytes, since
   * HTTP parsers hand over bytes as Latin-1 and some servers send UTF-8 without encoding it.
   */
  public static String decode(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '%' || c > '~') {
        return decodeAll(value);
      }
    }
    return value;
  }

  private static String decodeAll(String value) {
    // A character beyond Latin-1 takes at most 3 bytes; two of a pair take 4.
    byte[] utf8 = new byte[value.length() * 3];
    int length = 0;
    for (int i = 0; i < value.length(); ) {
      char c = value.charAt(i);
      if (c > 0xff) {
        int point = value.codePointAt(i);
        for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
          utf8[length++] = b;
        }
        i += Character.charCount(point);
        continue;
      }
      int escaped = c == '%' ? hexByte(value, i + 1) : -1;
      utf8[length++] = (byte) (escaped < 0 ? c : escaped);
      i += escaped < 0 ? 1 : 3;
    }
    return new String(utf8, 0, length, StandardCharsets.UTF_8);
  }

  /** Returns the value of two hex digits, or -1. */
  private static int hexByte(String value, int at) {
    if (at + 2 > value.length()) {
      return -1;
    }
    int high = hexDigit(value.charAt(at));
    int low = hexDigit(value.charAt(at + 1));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /** ASCII only: {@link Character#digit} takes the digits of every script. */
  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
