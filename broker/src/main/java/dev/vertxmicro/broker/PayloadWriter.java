// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes the JSON of {@link GoMicroPayload} into one array of its exact size: the texts are
 * measured before they are written. By hand, as a JSON library costs more than the rest of a
 * publish.
 */
final class PayloadWriter {

  private static final byte[] START = ascii("{\"Header\":{");
  private static final byte[] BODY = ascii("},\"Body\":");
  private static final byte[] NULL = ascii("null");
  private static final byte[] HEX = ascii("0123456789abcdef");

  /** How many bytes a character below 0x80 takes. */
  private static final byte[] WIDTH = new byte[0x80];

  /** What follows the backslash of a short escape; 0: there is none. */
  private static final byte[] SHORT = new byte[0x80];

  private static final int UNICODE_ESCAPE = 6;
  private static final char REPLACEMENT = '\uFFFD';
  private static final int MOST = Integer.MAX_VALUE - 8;

  static {
    Arrays.fill(WIDTH, (byte) 1);
    Arrays.fill(WIDTH, 0, ' ', (byte) UNICODE_ESCAPE);
    String escaped = "\"\\\b\f\n\r\t";
    String letters = "\"\\bfnrt";
    for (int i = 0; i < escaped.length(); i++) {
      WIDTH[escaped.charAt(i)] = 2;
      SHORT[escaped.charAt(i)] = (byte) letters.charAt(i);
    }
  }

  private final byte[] out;
  private int at;

  private PayloadWriter(byte[] out) {
    this.out = out;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Returns the payload.
   *
   * @throws CodecException if it would be larger than an array
   */
  static byte[] write(Metadata headers, Buffer body) {
    String[] pairs = pairs(headers);
    long digits = (body.length() + 2L) / 3 * 4;
    long tail = digits == 0 ? NULL.length : digits + 2;
    long size = START.length + sizeOf(pairs) + BODY.length + tail + 1;
    if (size > MOST) {
      throw new CodecException(
          "payload: " + size + " bytes (expected: at most " + MOST + ")", null);
    }
    byte[] all = new byte[(int) size];
    PayloadWriter writer = new PayloadWriter(all);
    if (digits > 0) {
      // The encoder knows no offset: it writes to the start, where the headers come afterwards.
      Base64.getEncoder().encode(body.getBytes(), all);
      int from = (int) (size - 2 - digits);
      System.arraycopy(all, 0, all, from, (int) digits);
      all[from - 1] = '"';
      all[all.length - 2] = '"';
    }
    writer.ascii(START);
    writer.pairsOf(pairs);
    writer.ascii(BODY);
    if (digits == 0) {
      writer.ascii(NULL);
    }
    all[all.length - 1] = '}';
    return all;
  }

  /** Returns names and values in turn, each name once, its values joined. */
  private static String[] pairs(Metadata headers) {
    String[] pairs = new String[2 * headers.size()];
    int[] length = {0};
    headers.forEach((name, value) -> length[0] = add(pairs, length[0], name, value));
    return length[0] == pairs.length ? pairs : Arrays.copyOf(pairs, length[0]);
  }

  private static int add(String[] pairs, int length, String name, String value) {
    for (int i = 0; i < length; i += 2) {
      if (name.equalsIgnoreCase(pairs[i])) {
        pairs[i + 1] = pairs[i + 1] + ", " + value;
        return length;
      }
    }
    pairs[length] = name;
    pairs[length + 1] = value;
    return length + 2;
  }

  // ---- sizes

  private static long sizeOf(String[] pairs) {
    long size = Math.max(0, pairs.length / 2 - 1); // commas
    for (String text : pairs) {
      size += sizeOf(text) + 2;
    }
    return size + pairs.length / 2; // colons
  }

  private static long sizeOf(String text) {
    long size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < WIDTH.length) {
        size += WIDTH[c];
      } else if (c < 0x800) {
        size += 2;
      } else if (isPair(text, i)) {
        size += 4;
        i++;
      } else {
        size += 3;
      }
    }
    return size;
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  // ---- bytes

  private void ascii(byte[] bytes) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    at += bytes.length;
  }

  private void pairsOf(String[] pairs) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (i > 0) {
        out[at++] = ',';
      }
      string(pairs[i]);
      out[at++] = ':';
      string(pairs[i + 1]);
    }
  }

  private void string(String text) {
    out[at++] = '"';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= WIDTH.length) {
        boolean pair = isPair(text, i);
        beyondAscii(pair ? text.codePointAt(i) : Character.isSurrogate(c) ? REPLACEMENT : c);
        i += pair ? 1 : 0;
      } else if (WIDTH[c] == 1) {
        out[at++] = (byte) c;
      } else {
        escape(c);
      }
    }
    out[at++] = '"';
  }

  private void escape(char c) {
    out[at++] = '\\';
    if (SHORT[c] != 0) {
      out[at++] = SHORT[c];
    } else {
      out[at++] = 'u';
      out[at++] = '0';
      out[at++] = '0';
      out[at++] = HEX[c >> 4];
      out[at++] = HEX[c & 0xF];
    }
  }

  /** As UTF-8. */
  private void beyondAscii(int c) {
    if (c < 0x800) {
      out[at++] = (byte) (0xC0 | (c >> 6));
    } else {
      if (c < 0x10000) {
        out[at++] = (byte) (0xE0 | (c >> 12));
      } else {
        out[at++] = (byte) (0xF0 | (c >> 18));
        out[at++] = (byte) (0x80 | ((c >> 12) & 0x3F));
      }
      out[at++] = (byte) (0x80 | ((c >> 6) & 0x3F));
    }
    out[at++] = (byte) (0x80 | (c & 0x3F));
  }
}
