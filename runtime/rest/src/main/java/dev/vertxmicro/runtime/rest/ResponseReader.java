// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.framing.StatusLine;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

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

  private static final StatusLine NONE = new StatusLine(0, "", true);
  private static final int CHUNK_LINE_BYTES = 4 * 1024;
  private static final int CHUNK_DIGITS = 15;
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
  private StatusLine status = NONE;
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
      case STATUS -> {
        status = StatusLine.of(text(length));
        part = Part.HEADERS;
      }
      case HEADERS -> {
        if (length > 0) {
          readField(text(length));
        } else {
          endHead(sink);
        }
      }
      case CHUNK_SIZE -> {
        left = StatusLine.chunkSize(text(length), CHUNK_DIGITS);
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

  private void readField(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0
        || !fields.addReceived(text.substring(0, colon), text.substring(colon + 1).strip())) {
      throw broken("a header of the answer is unreadable");
    }
  }

  private void endHead(Sink sink) {
    if (status.isInterim()) {
      fields = Metadata.builder();
      part = Part.STATUS;
      return;
    }
    Metadata head = fields.build();
    long length = toHead ? 0 : status.bodyLength(head);
    reusable =
        length != StatusLine.TO_CLOSE
            && (status.http11()
                ? !StatusLine.connectionSays("close", head)
                : StatusLine.connectionSays("keep-alive", head));
    part =
        length == StatusLine.CHUNKED
            ? Part.CHUNK_SIZE
            : length == StatusLine.TO_CLOSE ? Part.TO_CLOSE : Part.FIXED;
    left = Math.max(length, 0);
    sink.head(new ResponseHead(status.status(), status.reason(), head, Math.max(length, -1)));
    if (part == Part.FIXED && left == 0) {
      whole(sink, Metadata.empty());
    }
  }

  private static FramingException broken(String detail) {
    return FramingException.broken(detail);
  }
}
