// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.framing.StatusLine;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of an HTTP/1.1 server (RFC 9112) from bytes that come in pieces of any size.
 *
 * <p>Strict where two readers could disagree about where an answer ends: lengths that contradict
 * each other, unknown codings, folded lines and names that are no tokens are refused. What is no
 * HTTP is refused at its first wrong byte. Heads and bodies are bounded; nothing is read twice, so
 * that an answer costs O(its bytes) however it is cut. Nothing can be read behind a refusal.
 */
final class AnswerReader {

  private static final String PREFIX = "HTTP/1.";
  private static final int OK = 200;
  private static final StatusLine NONE = new StatusLine(0, "", true);

  /** So much of the body of an answer that is an error anyway is kept. */
  private static final int FOREIGN_BODY_BYTES = 64 * 1024;

  private static final int CHUNK_LINE_BYTES = 4 * 1024;
  private static final int CHUNK_DIGITS = 8;
  private static final int COMPACT_BYTES = 64 * 1024;
  private static final char UNREADABLE = '\uFFFD';
  private static final int LF = '\n';
  private static final int CR = '\r';

  private enum Part {
    STATUS,
    HEADERS,
    FIXED,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    TO_CLOSE
  }

  private final int mostHeadBytes;
  private Buffer bytes = Buffer.buffer();
  private int at;
  private int scanned;

  // the answer that is being read
  private Part part = Part.STATUS;
  private int headLeft;
  private StatusLine first = NONE;
  private Metadata.Builder headers = Metadata.builder();
  private Metadata.Builder trailers = Metadata.builder();
  private int left;
  private @Nullable Buffer body;
  private boolean reusable;

  /**
   * Starts empty.
   *
   * @param mostHeadBytes the most bytes of a head, and of the trailers, with interim answers
   */
  AnswerReader(int mostHeadBytes) {
    this.mostHeadBytes = mostHeadBytes;
    this.headLeft = mostHeadBytes;
  }

  /** Takes the next piece, which then belongs to the reader. */
  void add(Buffer piece) {
    if (at == bytes.length()) {
      bytes = piece;
      at = 0;
      scanned = 0;
    } else {
      if (at > COMPACT_BYTES) {
        bytes = bytes.getBuffer(at, bytes.length());
        scanned -= at;
        at = 0;
      }
      bytes.appendBuffer(piece);
    }
  }

  /** Tells whether nothing of another answer has come. */
  boolean isBetween() {
    return part == Part.STATUS && at == bytes.length() && headLeft == mostHeadBytes;
  }

  /** Tells whether the head of an answer with status 200 has come, and its body not yet whole. */
  boolean isInOkBody() {
    return part != Part.STATUS && part != Part.HEADERS && isOk();
  }

  private boolean isOk() {
    return first.status() == OK;
  }

  /**
   * Returns the next answer if it is whole, else null.
   *
   * @param mostBodyBytes the most bytes of its body
   * @throws FramingException if what came is no answer, or too large a one
   */
  @Nullable HttpAnswer next(int mostBodyBytes) {
    while (true) {
      switch (part) {
        case STATUS -> {
          checkPrefix();
          String line = line(headLeft);
          if (line == null) {
            return null;
          }
          first = StatusLine.of(line);
          part = Part.HEADERS;
        }
        case HEADERS -> {
          String line = line(headLeft);
          if (line == null) {
            return null;
          }
          if (!line.isEmpty()) {
            readField(line, headers);
          } else if (endHead(mostBodyBytes)) {
            return whole(Buffer.buffer());
          }
        }
        case FIXED -> {
          int most = bodyBound(mostBodyBytes);
          if (bytes.length() - at < Math.min(left, most)) {
            return null;
          }
          return left > most ? cut(take(most)) : whole(take(left));
        }
        case CHUNK_SIZE -> {
          String line = line(CHUNK_LINE_BYTES);
          if (line == null) {
            return null;
          }
          left = (int) Math.min(StatusLine.chunkSize(line, CHUNK_DIGITS), Integer.MAX_VALUE);
          if (left > 0 && soFar() + (long) left > bodyBound(mostBodyBytes)) {
            return cutAt(soFar() + (long) left, mostBodyBytes);
          }
          headLeft = left == 0 ? mostHeadBytes : headLeft;
          part = left == 0 ? Part.TRAILERS : Part.CHUNK;
        }
        case CHUNK -> {
          if (bytes.length() - at < left) {
            return null;
          }
          append(take(left));
          part = Part.CHUNK_END;
        }
        case CHUNK_END -> {
          int ahead = bytes.length() - at;
          boolean cr = ahead > 0 && bytes.getByte(at) == CR;
          if (ahead < (cr ? 2 : 1)) {
            return null;
          }
          at += cr ? 2 : 1;
          scanned = at;
          if (bytes.getByte(at - 1) != LF) {
            throw broken("a chunk is longer than it says");
          }
          part = Part.CHUNK_SIZE;
        }
        case TRAILERS -> {
          String line = line(headLeft);
          if (line == null) {
            return null;
          }
          if (line.isEmpty()) {
            return whole(body == null ? Buffer.buffer() : body);
          }
          readField(line, trailers);
        }
        case TO_CLOSE -> {
          int arrived = bytes.length() - at;
          if (soFar() + (long) arrived > bodyBound(mostBodyBytes)) {
            return cutAt(soFar() + (long) arrived, mostBodyBytes);
          }
          if (arrived > 0) {
            append(take(arrived));
          }
          return null;
        }
      }
    }
  }

  /** Returns the answer that ends where the connection ended, or null if none does. */
  @Nullable HttpAnswer end() {
    return part == Part.TO_CLOSE ? whole(body == null ? Buffer.buffer() : body) : null;
  }

  // ---- the head

  private void checkPrefix() {
    int come = Math.min(PREFIX.length(), bytes.length() - at);
    for (int i = 0; i < come; i++) {
      if (bytes.getByte(at + i) != PREFIX.charAt(i)) {
        throw broken("the answer is no HTTP/1.1");
      }
    }
  }

  private void readField(String line, Metadata.Builder to) {
    int colon = line.indexOf(':');
    // Metadata leaves such values out, and an error must not get lost for a character.
    String value = line.substring(colon + 1).replace('\0', UNREADABLE).replace('\r', UNREADABLE);
    if (colon <= 0 || !to.addReceived(line.substring(0, colon), value.strip())) {
      throw broken("a header of the answer has no name");
    }
  }

  /** Finds out where the body ends; true if there is none. */
  private boolean endHead(int mostBodyBytes) {
    if (first.isInterim()) {
      headers = Metadata.builder();
      part = Part.STATUS;
      return false;
    }
    part = Part.FIXED;
    Metadata head = headers.build();
    long length = first.bodyLength(head);
    reusable =
        first.http11()
            && length != StatusLine.TO_CLOSE
            && !StatusLine.connectionSays("close", head);
    if (length == StatusLine.CHUNKED) {
      part = Part.CHUNK_SIZE;
      return false;
    }
    if (length == StatusLine.TO_CLOSE) {
      part = Part.TO_CLOSE;
      return false;
    }
    if (length > bodyBound(mostBodyBytes) && isOk()) {
      throw FramingException.tooLarge(length, mostBodyBytes);
    }
    left = (int) Math.min(length, Integer.MAX_VALUE);
    return left == 0;
  }

  // ---- the body

  private int bodyBound(int mostBodyBytes) {
    return isOk() ? mostBodyBytes : FOREIGN_BODY_BYTES;
  }

  private int soFar() {
    return body == null ? 0 : body.length();
  }

  private void append(Buffer more) {
    if (body == null) {
      body = Buffer.buffer(more.length());
    }
    body.appendBuffer(more);
  }

  private Buffer take(int count) {
    boolean all = at + count == bytes.length();
    Buffer taken = all ? bytes.slice(at, at + count) : bytes.getBuffer(at, at + count);
    if (all) {
      // The slice is handed out: nothing may be appended to what is behind it.
      bytes = Buffer.buffer();
      at = 0;
    } else {
      at += count;
    }
    scanned = at;
    return taken;
  }

  private HttpAnswer cutAt(long length, int mostBodyBytes) {
    if (isOk()) {
      throw FramingException.tooLarge(length, mostBodyBytes);
    }
    return cut(body == null ? Buffer.buffer() : body);
  }

  /** An error says enough with the first part of its body. */
  private HttpAnswer cut(Buffer first) {
    reusable = false;
    return whole(first);
  }

  private HttpAnswer whole(Buffer all) {
    String said = (first.status() + " " + first.reason()).strip();
    HttpAnswer answer =
        new HttpAnswer(first.status(), said, headers.build(), trailers.build(), all, reusable);
    part = Part.STATUS;
    headLeft = mostHeadBytes;
    headers = Metadata.builder();
    trailers = Metadata.builder();
    body = null;
    left = 0;
    return answer;
  }

  // ---- lines

  /** Returns the next line without its end, or null if it has not come whole. */
  private @Nullable String line(int most) {
    while (scanned < bytes.length()) {
      if (bytes.getByte(scanned) == LF) {
        int end = scanned > at && bytes.getByte(scanned - 1) == CR ? scanned - 1 : scanned;
        String line = bytes.getString(at, end, UTF_8.name());
        spend(scanned + 1 - at, most);
        at = scanned + 1;
        scanned = at;
        return line;
      }
      scanned++;
    }
    if (scanned - at > most) {
      throw tooLong();
    }
    return null;
  }

  private void spend(int length, int most) {
    if (length > most) {
      throw tooLong();
    }
    if (part == Part.STATUS || part == Part.HEADERS || part == Part.TRAILERS) {
      headLeft -= length;
    }
  }

  private FramingException tooLong() {
    return FramingException.headTooLarge(mostHeadBytes);
  }

  private static FramingException broken(String detail) {
    return FramingException.broken(detail);
  }
}
