// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import dev.vertxmicro.metadata.Metadata;
import java.util.List;
import java.util.Locale;

/**
 * The first line of an HTTP/1.1 answer, and where the answer ends by it and the headers below (RFC
 * 9112 4, 6.3 and 7.1). For all who read such answers bit by bit. Strict where two readers could
 * disagree about that: lengths that contradict each other and unknown codings are refused.
 *
 * @param status 100 to 999
 * @param reason the reason phrase, perhaps empty
 * @param http11 false for HTTP/1.0
 */
public record StatusLine(int status, String reason, boolean http11) {

  /** The length of a body that comes in chunks. */
  public static final long CHUNKED = -1;

  /** The length of a body that ends with its connection. */
  public static final long TO_CLOSE = -2;

  private static final String UNKNOWN_END = "the answer does not say where it ends";
  private static final int SWITCHING = 101;
  private static final int OK = 200;

  /**
   * Reads a line that begins with {@code HTTP/1.}.
   *
   * @throws FramingException if it has no status
   */
  public static StatusLine of(String line) {
    long code = line.length() < 12 || line.charAt(8) != ' ' ? -1 : number(line, 9, 12, 10);
    boolean ends = line.length() == 12 || (line.length() > 12 && line.charAt(12) == ' ');
    char minor = line.length() < 8 ? 0 : line.charAt(7);
    if (code < 100 || !ends || minor < '0' || minor > '9') {
      throw FramingException.broken("the answer has no status");
    }
    return new StatusLine((int) code, line.substring(12).strip(), minor != '0');
  }

  /**
   * Tells whether another answer follows the head of this one.
   *
   * @throws FramingException if what follows is another protocol
   */
  public boolean isInterim() {
    if (status == SWITCHING) {
      throw FramingException.broken("the answer switches to another protocol");
    }
    return status < OK;
  }

  /**
   * Returns how many bytes follow the head, or {@link #CHUNKED}, or {@link #TO_CLOSE}.
   *
   * @throws FramingException if the headers do not say, or say it twice
   */
  public long bodyLength(Metadata headers) {
    if (status == 204 || status == 304) {
      return 0;
    }
    List<String> codings = headers.getAll("Transfer-Encoding");
    List<String> lengths = headers.getAll("Content-Length");
    if (!codings.isEmpty()) {
      if (!lengths.isEmpty() || codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
        throw FramingException.broken(UNKNOWN_END);
      }
      return CHUNKED;
    }
    return lengths.isEmpty() ? TO_CLOSE : contentLength(lengths);
  }

  private static long contentLength(List<String> lengths) {
    String first = lengths.get(0);
    for (String other : lengths) {
      if (!other.equals(first)) {
        throw FramingException.broken("the answer says two lengths");
      }
    }
    long length = number(first, 0, first.length(), 10);
    if (length < 0) {
      throw FramingException.broken("the answer says no length");
    }
    return length;
  }

  /** Tells whether the header {@code Connection} names {@code option}, in lower case. */
  public static boolean connectionSays(String option, Metadata headers) {
    for (String value : headers.getAll("Connection")) {
      for (String token : value.split(",")) {
        if (token.strip().toLowerCase(Locale.ROOT).equals(option)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns the size that stands before a chunk (RFC 9112 7.1).
   *
   * @param mostDigits how many hexadecimal digits it may have, at most 15
   * @throws FramingException if it has none or more
   */
  public static long chunkSize(String line, int mostDigits) {
    int end = line.indexOf(';');
    String hex = (end < 0 ? line : line.substring(0, end)).strip();
    long size = hex.length() > mostDigits ? -1 : number(hex, 0, hex.length(), 16);
    if (size < 0) {
      throw FramingException.broken("a chunk has no length");
    }
    return size;
  }

  /** Returns -1 if it is none, and the largest there is if it is larger. */
  private static long number(String text, int from, int to, int radix) {
    long number = from == to ? -1 : 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c > 'f' ? -1 : Character.digit(c, radix);
      if (digit < 0) {
        return -1;
      }
      number = number > (Long.MAX_VALUE - digit) / radix ? Long.MAX_VALUE : number * radix + digit;
    }
    return number;
  }
}
