// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A string of Lua: bytes, which are often but not always UTF-8. Immutable; equal if the bytes are,
 * ordered by them as unsigned numbers.
 */
public final class LuaString implements Comparable<LuaString> {

  /** The string without bytes. */
  public static final LuaString EMPTY = new LuaString(new byte[0]);

  private static final int MOST_SHOWN = 64;

  private final byte[] bytes;

  private LuaString(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns the UTF-8 of {@code text}; half of a surrogate pair becomes a question mark. */
  public static LuaString of(String text) {
    return text.isEmpty() ? EMPTY : new LuaString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a copy of {@code bytes} as a string. */
  public static LuaString of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new LuaString(bytes.clone());
  }

  /** Returns a copy of {@code bytes} as a string. */
  public static LuaString of(Buffer bytes) {
    return wrap(bytes.getBytes());
  }

  /** Returns a string of bytes that nobody else has. */
  static LuaString wrap(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new LuaString(bytes);
  }

  /** Returns the number of bytes. */
  public int length() {
    return bytes.length;
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns a buffer with a copy of the bytes. */
  public Buffer buffer() {
    return Buffer.buffer(bytes);
  }

  /** Appends the bytes to {@code target}. */
  void appendTo(Buffer target) {
    target.appendBytes(bytes);
  }

  /** Tells whether the bytes are valid UTF-8. */
  public boolean isUtf8() {
    return utf8() != null;
  }

  /**
   * Returns the text of the bytes.
   *
   * @throws IllegalStateException if they are not UTF-8
   */
  public String text() {
    String text = utf8();
    if (text == null) {
      throw new IllegalStateException("lua string: " + length() + " bytes (expected: UTF-8)");
    }
    return text;
  }

  /** Returns the text, or null if the bytes are not UTF-8. */
  @Nullable String utf8() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException binary) {
      return null;
    }
  }

  @Override
  public int compareTo(LuaString other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LuaString that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns the text as far as it is some, and not all of a long one; for people. */
  @Override
  public String toString() {
    int shown = Math.min(bytes.length, MOST_SHOWN);
    String text = new String(bytes, 0, shown, StandardCharsets.UTF_8);
    return shown == bytes.length ? text : text + "... (" + bytes.length + " bytes)";
  }
}
