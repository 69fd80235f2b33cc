// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/**
 * Reads the JSON of {@link GoMicroPayload} in one pass: strict about the syntax (RFC 8259), and as
 * Go's {@code encoding/json} about what it means. Names are compared without case, unknown members
 * are passed over, of a Body given twice the last one holds, null empties Header and Body and is
 * the empty value of a header, and what is not UTF-8, or half a surrogate pair, reads as U+FFFD.
 *
 * <p>Makes no more than the values that it returns. Failures say where, and never what was there:
 * bodies are nobody's to log.
 */
final class PayloadReader {

  /** How deep a member that is passed over may be. */
  private static final int MOST_DEPTH = 1_000;

  private static final long EACH = 0x0101010101010101L;
  private static final long HIGHEST = 0x8080808080808080L;
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final byte[] NOTHING = new byte[0];
  private static final char REPLACEMENT = '\uFFFD';

  private final byte[] json;
  private int at;

  private Metadata.Builder headers = Metadata.builder();
  private byte[] body = NOTHING;

  // The last string: where it is, and whether its bytes are not simply its characters.
  private int from;
  private int to;
  private boolean escaped;
  private boolean ascii;

  private PayloadReader(byte[] json) {
    this.json = json;
  }

  /** Returns what is in {@code json}; {@link #headers} and {@link #body} give it. */
  static PayloadReader read(byte[] json) {
    PayloadReader reader = new PayloadReader(json);
    reader.payload();
    return reader;
  }

  Metadata headers() {
    return headers.build();
  }

  Buffer body() {
    return Buffer.buffer(body);
  }

  // ---- what it means

  private void payload() {
    require('{', "an object");
    if (!takes('}')) {
      do {
        name();
        if (is("header")) {
          colon();
          readHeader();
        } else if (is("body")) {
          colon();
          readBody();
        } else {
          colon();
          passOver(0);
        }
      } while (takes(','));
      require('}', "a comma or the end of the object");
    }
    if (more()) {
      throw expected("nothing behind the object");
    }
  }

  private void name() {
    string("a name");
  }

  private void colon() {
    require(':', "a colon");
  }

  /** Compares the last string with {@code lower}, which has letters only. */
  private boolean is(String lower) {
    if (escaped) {
      return text().equalsIgnoreCase(lower);
    }
    if (to - from != lower.length()) {
      return false;
    }
    for (int i = 0; i < lower.length(); i++) {
      if ((json[from + i] | 0x20) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void readHeader() {
    if (isNull()) {
      headers = Metadata.builder();
      return;
    }
    require('{', "a Header object");
    if (takes('}')) {
      return;
    }
    do {
      name();
      String name = text();
      colon();
      String value = "";
      if (!isNull()) {
        string("strings in the Header");
        value = text();
      }
      headers.addReceived(name, value);
    } while (takes(','));
    require('}', "a comma or the end of the Header");
  }

  private void readBody() {
    if (isNull()) {
      body = NOTHING;
    } else {
      string("a Body in Base64");
      body = base64();
    }
  }

  private byte[] base64() {
    byte[] digits = json;
    int start = from;
    int end = to;
    if (escaped) {
      // As in Go, line breaks do not count; only an escape can stand for one.
      digits = text().replace("\r", "").replace("\n", "").getBytes(ISO_8859_1);
      start = 0;
      end = digits.length;
    }
    try {
      if ((end - start) % 4 == 0) {
        ByteBuffer bytes = Base64.getDecoder().decode(ByteBuffer.wrap(digits, start, end - start));
        if (bytes.remaining() == bytes.array().length) {
          return bytes.array();
        }
      }
    } catch (IllegalArgumentException malformed) {
      throw new CodecException(
          "payload: not Base64 in the string at byte " + from + " (expected: a Body in Base64)",
          malformed);
    }
    throw new CodecException(
        "payload: no whole Base64 in the string at byte " + from + " (expected: with padding)",
        null);
  }

  private boolean isNull() {
    if (!more() || json[at] != 'n') {
      return false;
    }
    literal("null");
    return true;
  }

  // ---- the syntax

  /** Passes over blanks, and tells whether anything follows. */
  private boolean more() {
    while (at < json.length
        && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
      at++;
    }
    return at < json.length;
  }

  private boolean takes(char c) {
    if (!more() || json[at] != c) {
      return false;
    }
    at++;
    return true;
  }

  private void require(char c, String expected) {
    if (!takes(c)) {
      throw expected(expected);
    }
  }

  private CodecException expected(String what) {
    String found = at < json.length ? "wrong at byte " : "ends at byte ";
    return new CodecException("payload: " + found + at + " (expected: " + what + ")", null);
  }

  private void literal(String literal) {
    for (int i = 0; i < literal.length(); i++) {
      if (at == json.length || json[at] != literal.charAt(i)) {
        throw expected(literal);
      }
      at++;
    }
  }

  /** Finds the end of a string and checks it. */
  private void string(String expected) {
    require('"', expected);
    from = at;
    escaped = false;
    ascii = true;
    for (passOverPlain(); at < json.length; passOverPlain()) {
      byte b = json[at];
      if (b == '"') {
        to = at++;
        return;
      }
      if (b >= 0 && b < ' ') {
        throw expected("no control character in a string");
      }
      at++;
      if (b == '\\') {
        escaped = true;
        escape();
      } else if (b < 0) {
        ascii = false;
      }
    }
    throw expected("the end of a string");
  }

  /** Passes over most of what needs no second look, eight bytes at a time. */
  private void passOverPlain() {
    int i = at;
    while (i <= json.length - Long.BYTES && isPlain((long) EIGHT_BYTES.get(json, i))) {
      i += Long.BYTES;
    }
    at = i;
  }

  /**
   * Tells that none of eight bytes is a quote, a backslash, a control character or beyond ASCII: a
   * subtraction then borrows from none of their highest bits. May miss some that are plain.
   */
  private static boolean isPlain(long bytes) {
    long quotes = (bytes ^ EACH * '"') - EACH;
    long backslashes = (bytes ^ EACH * '\\') - EACH;
    long controls = bytes - EACH * ' ';
    return ((bytes | quotes | backslashes | controls) & HIGHEST) == 0;
  }

  /** Passes over what follows a backslash. */
  private void escape() {
    if (at == json.length || "\"\\/bfnrtu".indexOf(json[at]) < 0) {
      throw expected("an escape of JSON");
    }
    if (json[at++] == 'u') {
      for (int i = 0; i < 4; i++) {
        if (at == json.length || Character.digit(json[at], 16) < 0) {
          throw expected("four hexadecimal digits");
        }
        at++;
      }
    }
  }

  /** Returns the last string. */
  private String text() {
    if (!escaped) {
      return new String(json, from, to - from, ascii ? ISO_8859_1 : UTF_8);
    }
    StringBuilder text = new StringBuilder(to - from);
    int next = from;
    while (next < to) {
      int plain = next;
      while (next < to && json[next] != '\\') {
        next++;
      }
      text.append(new String(json, plain, next - plain, UTF_8));
      if (next < to) {
        next = unescape(next + 1, text);
      }
    }
    return text.toString();
  }

  /** Appends what is escaped by the letter at {@code i}; returns where the escape ends. */
  private int unescape(int i, StringBuilder text) {
    char letter = (char) json[i];
    if (letter == 'u') {
      return unicode(i + 1, text);
    }
    int kind = "bfnrt".indexOf(letter);
    text.append(kind < 0 ? letter : "\b\f\n\r\t".charAt(kind));
    return i + 1;
  }

  /** Appends the character of the digits at {@code i}; returns where its escapes end. */
  private int unicode(int i, StringBuilder text) {
    char c = hex(i);
    int end = i + 4;
    if (Character.isHighSurrogate(c) && json[end] == '\\' && json[end + 1] == 'u') {
      char low = hex(end + 2);
      if (Character.isLowSurrogate(low)) {
        text.append(c).append(low);
        return end + 6;
      }
    }
    text.append(Character.isSurrogate(c) ? REPLACEMENT : c);
    return end;
  }

  private char hex(int start) {
    int c = 0;
    for (int i = start; i < start + 4; i++) {
      c = (c << 4) | Character.digit(json[i], 16);
    }
    return (char) c;
  }

  // ---- what nobody knows

  private void passOver(int depth) {
    if (depth > MOST_DEPTH) {
      throw expected("at most " + MOST_DEPTH + " levels");
    }
    if (!more()) {
      throw expected("a value");
    }
    switch (json[at]) {
      case '{' -> passOverObject(depth);
      case '[' -> passOverArray(depth);
      case '"' -> string("a value");
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> number();
    }
  }

  private void passOverObject(int depth) {
    at++;
    if (takes('}')) {
      return;
    }
    do {
      name();
      colon();
      passOver(depth + 1);
    } while (takes(','));
    require('}', "a comma or the end of an object");
  }

  private void passOverArray(int depth) {
    at++;
    if (takes(']')) {
      return;
    }
    do {
      passOver(depth + 1);
    } while (takes(','));
    require(']', "a comma or the end of an array");
  }

  private void number() {
    skip('-');
    if (!skip('0')) {
      digits("a value");
    }
    if (skip('.')) {
      digits("a digit");
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) {
        skip('-');
      }
      digits("a digit");
    }
  }

  private boolean skip(char c) {
    boolean there = at < json.length && json[at] == c;
    at += there ? 1 : 0;
    return there;
  }

  private void digits(String expected) {
    int start = at;
    while (at < json.length && json[at] >= '0' && json[at] <= '9') {
      at++;
    }
    if (at == start) {
      throw expected(expected);
    }
  }
}
