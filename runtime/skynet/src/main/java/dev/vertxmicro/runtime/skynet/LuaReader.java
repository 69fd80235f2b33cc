// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads values of Lua one after the other. Accepts what skynet's decoder does, and beyond that
 * bounds how many tables are in each other: skynet's does not.
 */
final class LuaReader {

  private static final int MOST_TABLES = 64;

  private final Buffer bytes;
  private int at;

  LuaReader(Buffer bytes) {
    this.bytes = bytes;
  }

  LuaValues readAll() {
    if (bytes.length() == 0) {
      return LuaValues.NONE;
    }
    List<@Nullable Object> values = new ArrayList<>(4);
    while (at < bytes.length()) {
      values.add(read(0));
    }
    return LuaValues.wrap(values);
  }

  /** Reads all values, keeps the first; null if there are none. */
  @Nullable Object readFirst() {
    Object first = bytes.length() == 0 ? null : read(0);
    while (at < bytes.length()) {
      read(0);
    }
    return first;
  }

  private @Nullable Object read(int depth) {
    int start = at;
    int tag = bytes.getUnsignedByte(need(1));
    int cookie = tag >> 3;
    return switch (tag & 7) {
      case LuaSeri.NIL -> null;
      case LuaSeri.BOOLEAN -> cookie != 0;
      case LuaSeri.NUMBER -> cookie == LuaSeri.REAL ? (Object) real() : (Object) integer(cookie);
      case LuaSeri.POINTER -> new LuaPointer(bytes.getLongLE(need(8)));
      case LuaSeri.SHORT_STRING -> string(cookie, start);
      case LuaSeri.LONG_STRING -> string(length(cookie, start), start);
      case LuaSeri.TABLE -> table(cookie, depth, start);
      default -> throw broken("type 7", start);
    };
  }

  private double real() {
    return Double.longBitsToDouble(bytes.getLongLE(need(8)));
  }

  private long integer(int cookie) {
    return switch (cookie) {
      case LuaSeri.INTEGER_0 -> 0;
      case LuaSeri.INTEGER_8 -> bytes.getUnsignedByte(need(1));
      case LuaSeri.INTEGER_16 -> bytes.getUnsignedShortLE(need(2));
      case LuaSeri.INTEGER_32 -> bytes.getIntLE(need(4));
      case LuaSeri.INTEGER_64 -> bytes.getLongLE(need(8));
      default -> throw broken("a number of cookie " + cookie, at - 1);
    };
  }

  private long length(int cookie, int start) {
    return switch (cookie) {
      case 2 -> bytes.getUnsignedShortLE(need(2));
      case 4 -> bytes.getUnsignedIntLE(need(4));
      default -> throw broken("a string of cookie " + cookie, start);
    };
  }

  private LuaString string(long length, int start) {
    if (length > bytes.length() - at) {
      throw broken("a string of " + length + " bytes that ends early", start);
    }
    int from = need((int) length);
    return LuaString.wrap(bytes.getBytes(from, at));
  }

  private LuaTable table(int cookie, int depth, int start) {
    if (depth >= MOST_TABLES) {
      throw broken("more than " + MOST_TABLES + " tables in each other", start);
    }
    long count = cookie == LuaSeri.MOST_COOKIE ? arrayLength() : cookie;
    if (count > bytes.length() - at) {
      throw broken("a table of " + count + " values that ends early", start);
    }
    List<@Nullable Object> array = new ArrayList<>((int) Math.max(0, Math.min(count, 1_024)));
    for (long i = 0; i < count; i++) {
      array.add(read(depth + 1));
    }
    Map<Object, Object> hash = new LinkedHashMap<>();
    int keyAt = at;
    for (Object key = read(depth + 1); key != null; key = read(depth + 1)) {
      if (key instanceof Double real && real.isNaN()) {
        throw broken("NaN as a key", keyAt);
      }
      LuaData.put(array, hash, LuaData.ofWhole(key), read(depth + 1));
      keyAt = at;
    }
    return LuaTable.wrap(array, hash);
  }

  private long arrayLength() {
    int start = at;
    int tag = bytes.getUnsignedByte(need(1));
    int cookie = tag >> 3;
    if ((tag & 7) != LuaSeri.NUMBER || cookie == LuaSeri.REAL) {
      throw broken("the length of an array that is no integer", start);
    }
    return integer(cookie);
  }

  /** Goes on by {@code count} bytes; returns where they begin. */
  private int need(int count) {
    if (count > bytes.length() - at) {
      throw broken("the end of the bytes", at);
    }
    int from = at;
    at += count;
    return from;
  }

  private CodecException broken(String what, int offset) {
    return new CodecException(
        "body: %d bytes (expected: lua-seri, found: %s at offset %d)"
            .formatted(bytes.length(), what, offset),
        null);
  }
}
