// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into JSON values, one after another: those of a sequence, with or without white space
 * between them, or the elements of one array. Which of both it is, the first byte that is no white
 * space says. A {@code null} is passed over, since that is how Go writes an empty list.
 *
 * <p>Finds the ends of values only; whether they are JSON their reader finds out. Values are
 * bounded; nothing is looked at twice, so that a body costs O(its bytes) however it is cut.
 */
final class JsonValues {

  private static final int COMPACT_BYTES = 64 * 1024;

  private enum Place {
    START,
    BETWEEN,
    VALUE,
    BEHIND,
    OVER
  }

  private final int mostBytes;
  private Buffer bytes = Buffer.buffer();
  private int at;
  private int scanned;
  private Place place = Place.START;
  private boolean array;
  private boolean comma;

  // the value that is being read
  private int depth;
  private boolean scalar;
  private boolean string;
  private boolean escaped;

  /**
   * Starts empty.
   *
   * @param mostBytes the most bytes of one value
   */
  JsonValues(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Takes the next piece. */
  void add(Buffer piece) {
    if (at == bytes.length()) {
      bytes = piece.copy();
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

  /**
   * Returns the next value if it is whole, else null.
   *
   * @throws FramingException if what came is no JSON, or too large
   */
  @Nullable Buffer next() {
    while (scanned < bytes.length()) {
      byte c = bytes.getByte(scanned);
      if (place == Place.VALUE) {
        Buffer value = inValue(c);
        if (value != null) {
          return value;
        }
      } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        scanned++;
        at = scanned;
      } else {
        between(c);
      }
    }
    if (place == Place.VALUE) {
      checkSize();
    }
    return null;
  }

  /**
   * Returns the value that ends where the body ends, or null if there is none.
   *
   * @throws FramingException if the body ends where it must not
   */
  @Nullable Buffer end() {
    if (place == Place.VALUE && scalar && depth == 0 && !array) {
      return value(scanned);
    }
    if (place == Place.VALUE || (array && place != Place.OVER)) {
      throw FramingException.broken("the JSON ends within a value");
    }
    return null;
  }

  private void between(byte c) {
    if (place == Place.OVER) {
      throw unexpected(c);
    }
    if (place == Place.START && c == '[') {
      array = true;
      place = Place.BETWEEN;
      skip();
      return;
    }
    if (array && c == ']' && !comma) {
      place = Place.OVER;
      skip();
      return;
    }
    if (array && place == Place.BEHIND) {
      if (c != ',') {
        throw unexpected(c);
      }
      comma = true;
      place = Place.BETWEEN;
      skip();
      return;
    }
    begin(c);
  }

  private void skip() {
    scanned++;
    at = scanned;
  }

  private void begin(byte c) {
    boolean opens = c == '{' || c == '[' || c == '"';
    boolean plain = c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
    if (!opens && !plain) {
      throw unexpected(c);
    }
    comma = false;
    place = Place.VALUE;
    at = scanned;
    depth = 0;
    string = false;
    escaped = false;
    scalar = plain;
  }

  /** Looks at one byte of a value; returns the value if that was its last. */
  private @Nullable Buffer inValue(byte c) {
    if (string) {
      scanned++;
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        string = false;
        return depth == 0 ? value(scanned) : null;
      }
      return null;
    }
    if (scalar) {
      boolean ends = c <= ' ' || c == ',' || c == ']' || c == '}' || c == '{' || c == '[';
      if (ends) {
        return value(scanned);
      }
      scanned++;
      return null;
    }
    scanned++;
    switch (c) {
      case '"' -> string = true;
      case '{', '[' -> depth++;
      case '}', ']' -> {
        depth--;
        return depth == 0 ? value(scanned) : null;
      }
      default -> {}
    }
    return null;
  }

  private @Nullable Buffer value(int end) {
    checkSize();
    Buffer value = bytes.getBuffer(at, end);
    at = end;
    place = Place.BEHIND;
    return scalar && value.toString().equals("null") ? null : value;
  }

  private void checkSize() {
    if (scanned - at > mostBytes) {
      throw FramingException.tooLarge(scanned - at, mostBytes);
    }
  }

  private static FramingException unexpected(byte c) {
    return FramingException.broken("no JSON: byte 0x%02X between values".formatted(c & 0xff));
  }
}
