// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Percent-encoding of URIs (RFC 3986 2.1). */
final class PercentCode {

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private PercentCode() {}

  /** Returns {@code text} with everything encoded but unreserved characters. */
  static String segment(String text) {
    return encode(text, false);
  }

  /** Returns {@code text} with everything encoded but unreserved characters and slashes. */
  static String path(String text) {
    return encode(text, true);
  }

  private static String encode(String text, boolean keepSlashes) {
    StringBuilder encoded = new StringBuilder(text.length() + 8);
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if (isUnreserved(c) || (keepSlashes && c == '/')) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return encoded.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
