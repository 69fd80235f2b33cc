// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.vertxmicro.runtime.pooling.BufferBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over the members of one JSON object where they lie, without making values of them: a
 * message is looked at for its ids on the event loop, and read whole by the codec of its call
 * later. Of a nested value it finds the end and no more; what is wrong inside is the codec's to
 * say.
 *
 * <p>{@code O(n)}, without recursion. Used by one thread.
 */
final class JsonMembers {

  private static final JsonFactory JSON = new JsonFactory();

  /** What is wrong: the bytes are no JSON object. */
  static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private MalformedException(int at) {
      super("no JSON object: wrong at byte " + at, null, false, false);
    }
  }

  private final byte[] bytes;
  private final int begin;
  private final int end;
  private int at;
  private int separator;
  private int nameFrom;
  private int nameTo;
  private int valueFrom;
  private int valueTo;
  private boolean plainName;
  private boolean began;

  /**
   * Starts before the first member.
   *
   * @throws MalformedException if no object begins
   */
  JsonMembers(BufferBytes json) {
    this.bytes = json.array();
    this.begin = json.from();
    this.end = json.to();
    this.at = begin;
    space();
    separator = at;
    expect('{');
  }

  /**
   * Goes to the next member; false if there is none, and then nothing follows the object.
   *
   * @throws MalformedException if neither is there
   */
  boolean next() {
    space();
    if (peek() == '}') {
      separator = at++;
      space();
      if (at < end) {
        throw wrong();
      }
      return false;
    }
    if (began) {
      separator = at;
      expect(',');
      space();
    }
    began = true;
    nameFrom = at + 1;
    plainName = string();
    nameTo = at - 1;
    space();
    expect(':');
    space();
    valueFrom = at;
    value();
    valueTo = at;
    return true;
  }

  /**
   * Returns where in the array the brace or comma before this member is; after the last one, where
   * the closing brace is.
   */
  int separator() {
    return separator;
  }

  /** Returns where in the array the name begins, with its quote. */
  int from() {
    return nameFrom - 1;
  }

  /** Returns where in the array the value ends. */
  int to() {
    return valueTo;
  }

  /** Tells whether this member has that name, which is ASCII, however it is written. */
  boolean is(byte[] name) {
    return plainName
        ? Arrays.equals(bytes, nameFrom, nameTo, name, 0, name.length)
        : Arrays.equals(string(nameFrom - 1, nameTo + 1).getBytes(StandardCharsets.UTF_8), name);
  }

  boolean isNull() {
    return bytes[valueFrom] == 'n';
  }

  /** Returns the value if it is a string, else its JSON. */
  String text() {
    return bytes[valueFrom] == '"'
        ? string(valueFrom, valueTo)
        : new String(bytes, valueFrom, valueTo - valueFrom, StandardCharsets.UTF_8);
  }

  /** Returns the value if it is a whole number from 1 on, as a number or as a text; else -1. */
  long wholeNumber() {
    boolean quoted = bytes[valueFrom] == '"';
    int from = quoted ? valueFrom + 1 : valueFrom;
    int to = quoted ? valueTo - 1 : valueTo;
    if (from == to || to - from > 18 || bytes[from] == '0') {
      return -1;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      number = number * 10 + bytes[i] - '0';
    }
    return number;
  }

  private String string(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\\') {
        return unescaped(from, to);
      }
    }
    return new String(bytes, from + 1, to - from - 2, StandardCharsets.UTF_8);
  }

  private String unescaped(int from, int to) {
    try (JsonParser parser = JSON.createParser(bytes, from, to - from)) {
      parser.nextToken();
      return parser.getText();
    } catch (IOException bad) {
      throw new MalformedException(from - begin);
    }
  }

  // ---- the walk

  private void value() {
    switch (peek()) {
      case '"' -> string();
      case '{', '[' -> nested();
      default -> scalar();
    }
  }

  /** Goes behind a string; tells whether it has no escapes. */
  private boolean string() {
    expect('"');
    boolean plain = true;
    while (true) {
      plainText();
      int c = peek();
      if (c < ' ') {
        throw wrong();
      }
      at++;
      if (c == '"') {
        return plain;
      }
      plain = false;
      peek();
      at++;
    }
  }

  /** Goes to the next byte that means something in a string: most of a message is passed here. */
  private void plainText() {
    int i = at;
    while (i < end && bytes[i] != '"' && bytes[i] != '\\' && (bytes[i] & 0xff) >= ' ') {
      i++;
    }
    at = i;
  }

  private void nested() {
    int depth = 0;
    do {
      switch (peek()) {
        case '"' -> string();
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          depth--;
          at++;
        }
        default -> at++;
      }
    } while (depth > 0);
  }

  private void scalar() {
    int from = at;
    while (at < end && isScalar(bytes[at])) {
      at++;
    }
    boolean fits =
        switch (from == at ? ' ' : bytes[from]) {
          case 't' -> is(from, "true");
          case 'f' -> is(from, "false");
          case 'n' -> is(from, "null");
          default -> isNumber(from);
        };
    if (!fits) {
      at = from;
      throw wrong();
    }
  }

  private static boolean isScalar(byte c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || c == 'E'
        || c == '+'
        || c == '-'
        || c == '.';
  }

  private boolean is(int from, String word) {
    if (at - from != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isNumber(int from) {
    int i = from < at && bytes[from] == '-' ? from + 1 : from;
    int whole = digits(i);
    if (whole == i || (bytes[i] == '0' && whole > i + 1)) {
      return false;
    }
    i = whole;
    if (i < at && bytes[i] == '.') {
      int fraction = digits(i + 1);
      if (fraction == i + 1) {
        return false;
      }
      i = fraction;
    }
    if (i < at && (bytes[i] == 'e' || bytes[i] == 'E')) {
      int sign = i + 1 < at && (bytes[i + 1] == '+' || bytes[i + 1] == '-') ? i + 2 : i + 1;
      i = digits(sign);
      if (i == sign) {
        return false;
      }
    }
    return i == at;
  }

  private int digits(int from) {
    int i = from;
    while (i < at && bytes[i] >= '0' && bytes[i] <= '9') {
      i++;
    }
    return i;
  }

  private void space() {
    while (at < end
        && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
      at++;
    }
  }

  private void expect(char c) {
    if (peek() != c) {
      throw wrong();
    }
    at++;
  }

  private int peek() {
    if (at >= end) {
      throw wrong();
    }
    return bytes[at] & 0xff;
  }

  private MalformedException wrong() {
    return new MalformedException(at - begin);
  }
}
