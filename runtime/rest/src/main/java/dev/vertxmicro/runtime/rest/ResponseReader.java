// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Reads the answers of an HTTP/1.1 server (RFC 9112) from bytes that come in pieces of any size,
 * and hands heads, pieces of bodies and ends over as they come.
 *
 * <p>Strict where two readers could disagree about where an answer ends: lengths that contradict
 * each other, unknown codings, folded lines and names that are no tokens are refused. Heads and
 * trailers are bounded; bodies are for the one who takes them to bound. Nothing is read twice, so
 * that an answer costs O(its bytes) however it is cut. Nothing can be read behind a refusal.
 */
final class ResponseReader {

  private static final int OK = 200;
  private static final int CHUNK_LINE_BYTES = 4 * 1024;
  private static final int LF = '\n';
  private static final int CR = '\r';

  /** Takes an answer. Each method may end the reading by {@link #stop}. */
  interface Sink {

    /** The head is there. */
    void head(ResponseHead head);

    /** A piece of the body, at least one byte. */
    void body(Buffer piece);

    /**
     * The answer is whole.
     *
     * @param reusable whether the server lets the connection live on, and has said nothing more
     */
    void end(Metadata trailers, boolean reusable);
  }

  private enum Part {
    BETWEEN,
    STATUS,
    HEADERS,
    FIXED,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    TO_CLOSE,
    STOPPED
  }

  private final int mostHeadBytes;
  private Part part = Part.BETWEEN;
  private byte[] line = new byte[256];
  private int lineLength;
  private int headLeft;

  // the answer that is being read
  private boolean toHead;
  private int status;
  private String reason = "";
  private boolean http11;
  private boolean reusable;
  private Metadata.Builder fields = Metadata.builder();
  private long left;
  private boolean more;

  /**
   * Starts between answers.
   *
   * @param mostHeadBytes the most bytes of a head with interim answers, and of the trailers
   */
  ResponseReader(int mostHeadBytes) {
    this.mostHeadBytes = mostHeadBytes;
  }

  /** An answer is to come next, to a HEAD or not. */
  void expect(boolean toHead) {
    this.toHead = toHead;
    part = Part.STATUS;
    headLeft = mostHeadBytes;
    fields = Metadata.builder();
  }

  /** Tells whether no answer is expected or being read. */
  boolean isBetween() {
    return part == Part.BETWEEN;
  }

  /** Reads nothing more, ever. */
  void stop() {
    part = Part.STOPPED;
  }

  /**
   * Reads a piece. What stands behind the end of an answer is passed over: its connection is not
   * reusable.
   *
   * @throws FramingException if what came is no answer
   */
  void read(Buffer piece, Sink sink) {
    int at = 0;
    int end = piece.length();
    while (at < end) {
      switch (part) {
        case BETWEEN, STOPPED -> {
          return;
        }
        case FIXED, CHUNK, TO_CLOSE -> {
          int size = part == Part.TO_CLOSE ? end - at : (int) Math.min(left, end - at);
          Buffer body = size == end ? piece : piece.slice(at, at + size);
          at += size;
          left -= size;
          more = at < end;
          boolean last = left == 0 && part != Part.TO_CLOSE;
          boolean chunked = part == Part.CHUNK;
          sink.body(body);
          if (last && part != Part.STOPPED) {
            if (chunked) {
              part = Part.CHUNK_END;
            } else {
              whole(sink, Metadata.empty());
            }
          }
        }
        default -> at = readLine(piece, at, end, sink);
      }
    }
  }

  /** The connection has ended; returns false if that is not the end of an answer. */
  boolean close(Sink sink) {
    if (part != Part.TO_CLOSE) {
      return part == Part.BETWEEN || part == Part.STOPPED;
    }
    more = false;
    whole(sink, Metadata.empty());
    return true;
  }

  private void whole(Sink sink, Metadata trailers) {
    part = Part.BETWEEN;
    sink.end(trailers, reusable && !more);
  }

  // ---- lines

  private int readLine(Buffer piece, int from, int end, Sink sink) {
    int at = from;
    int most = part == Part.CHUNK_SIZE || part == Part.CHUNK_END ? CHUNK_LINE_BYTES : headLeft;
    while (at < end) {
      byte next = piece.getByte(at++);
      if (next == LF) {
        int length = lineLength;
        lineLength = 0;
        if (part == Part.STATUS || part == Part.HEADERS || part == Part.TRAILERS) {
          headLeft -= length + 1;
        }
        if (length > 0 && line[length - 1] == CR) {
          length--;
        }
        more = at < end;
        take(length, sink);
        return at;
      }
      if (lineLength >= most) {
        throw FramingException.headTooLarge(mostHeadBytes);
      }
      if (lineLength == line.length) {
        line = Arrays.copyOf(line, line.length * 2);
      }
      line[lineLength++] = next;
      if (part == Part.STATUS && lineLength <= 7) {
        checkPrefix(next);
      }
    }
    return at;
  }

  /** What is no HTTP is refused at its first wrong byte. */
  private void checkPrefix(byte next) {
    if (next != "HTTP/1.".charAt(lineLength - 1)) {
      throw broken("the answer is no HTTP/1.1");
    }
  }

  private void take(int length, Sink sink) {
    switch (part) {
      case STATUS -> readStatus(text(length));
      case HEADERS -> {
        if (length > 0) {
          readField(text(length));
        } else {
          endHead(sink);
        }
      }
      case CHUNK_SIZE -> {
        left = chunkSize(text(length));
        if (left == 0) {
          headLeft = mostHeadBytes;
          fields = Metadata.builder();
          part = Part.TRAILERS;
        } else {
          part = Part.CHUNK;
        }
      }
      case CHUNK_END -> {
        if (length != 0) {
          throw broken("a chunk is longer than it says");
        }
        part = Part.CHUNK_SIZE;
      }
      case TRAILERS -> {
        if (length > 0) {
          readField(text(length));
        } else {
          whole(sink, fields.build());
        }
      }
      default -> throw new IllegalStateException("a line in " + part);
    }
  }

  private String text(int length) {
    return new String(line, 0, length, UTF_8);
  }

  // ---- the head

  private void readStatus(String text) {
    int code = text.length() < 12 || text.charAt(8) != ' ' ? -1 : digits(text.substring(9, 12));
    boolean ends = text.length() == 12 || (text.length() > 12 && text.charAt(12) == ' ');
    char minor = text.length() < 8 ? 0 : text.charAt(7);
    if (code < 100 || !ends || minor < '0' || minor > '9') {
      throw broken("the answer has no status");
    }
    status = code;
    reason = text.substring(12).strip();
    http11 = minor != '0';
    part = Part.HEADERS;
  }

  private static int digits(String text) {
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + c - '0';
    }
    return number;
  }

  private void readField(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0
        || !fields.addReceived(text.substring(0, colon), text.substring(colon + 1).strip())) {
      throw broken("a header of the answer is unreadable");
    }
  }

  private void endHead(Sink sink) {
    if (status < OK) {
      if (status == 101) {
        throw broken("the answer switches to another protocol");
      }
      fields = Metadata.builder();
      part = Part.STATUS;
      return;
    }
    Metadata head = fields.build();
    List<String> codings = head.getAll("Transfer-Encoding");
    List<String> lengths = head.getAll("Content-Length");
    reusable = http11 ? !connection(head, "close") : connection(head, "keep-alive");
    long length = -1;
    if (toHead || status == 204 || status == 304) {
      length = 0;
      part = Part.FIXED;
    } else if (!codings.isEmpty()) {
      if (!lengths.isEmpty() || codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
        throw broken("the answer does not say where it ends");
      }
      part = Part.CHUNK_SIZE;
    } else if (lengths.isEmpty()) {
      reusable = false;
      part = Part.TO_CLOSE;
    } else {
      length = contentLength(lengths);
      part = Part.FIXED;
    }
    left = Math.max(length, 0);
    sink.head(new ResponseHead(status, reason, head, length));
    if (part == Part.FIXED && left == 0) {
      whole(sink, Metadata.empty());
    }
  }

  private static boolean connection(Metadata head, String option) {
    for (String value : head.getAll("Connection")) {
      for (String token : value.split(",")) {
        if (token.strip().toLowerCase(Locale.ROOT).equals(option)) {
          return true;
        }
      }
    }
    return false;
  }

  private static long contentLength(List<String> lengths) {
    String first = lengths.get(0);
    for (String other : lengths) {
      if (!other.equals(first)) {
        throw broken("the answer says two lengths");
      }
    }
    if (first.isEmpty() || !first.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw broken("the answer says no length");
    }
    return first.length() > 18 ? Long.MAX_VALUE : Long.parseLong(first);
  }

  private static long chunkSize(String text) {
    int end = text.indexOf(';');
    String hex = (end < 0 ? text : text.substring(0, end)).strip();
    if (hex.isEmpty() || hex.length() > 15) {
      throw broken("a chunk has no length");
    }
    long size = 0;
    for (int i = 0; i < hex.length(); i++) {
      int digit = hex.charAt(i) > 'f' ? -1 : Character.digit(hex.charAt(i), 16);
      if (digit < 0) {
        throw broken("a chunk has no length");
      }
      size = size * 16 + digit;
    }
    return size;
  }

  private static FramingException broken(String detail) {
    return FramingException.broken(detail);
  }
}
