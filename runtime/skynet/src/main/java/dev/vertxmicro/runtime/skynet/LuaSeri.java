// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * lua-seri, in which skynet's services talk: values one after the other, each begins with a byte of
 * type (low three bits) and cookie (the rest); numbers are little-endian. What skynet writes for a
 * value is written byte for byte (lualib-src/lua-seri.c), but for the order of the pairs of a
 * table, which Lua leaves open.
 *
 * <p>O(bytes) both ways, and what is read takes memory in proportion to its bytes: no count is
 * trusted.
 */
public final class LuaSeri {

  static final int NIL = 0;
  static final int BOOLEAN = 1;
  static final int NUMBER = 2;
  static final int POINTER = 3;
  static final int SHORT_STRING = 4;
  static final int LONG_STRING = 5;
  static final int TABLE = 6;

  static final int INTEGER_0 = 0;
  static final int INTEGER_8 = 1;
  static final int INTEGER_16 = 2;
  static final int INTEGER_32 = 4;
  static final int INTEGER_64 = 6;
  static final int REAL = 8;

  /** The cookie that has no room for more: the length of an array follows. */
  static final int MOST_COOKIE = 31;

  /** The bytes of a number, or before those of a string, at most. */
  private static final int MOST_SCALAR_BYTES = 9;

  private LuaSeri() {}

  /** Returns the bytes of {@code values}: what {@code skynet.pack} gives. */
  public static Buffer pack(LuaValues values) {
    Buffer target = Buffer.buffer(likelyBytes(values));
    for (Object value : values.asList()) {
      write(target, value, 0);
    }
    return target;
  }

  /**
   * Returns the bytes of one value, of Lua's types or one that stands for it.
   *
   * @throws CodecException if Lua has no type for it
   */
  static Buffer packOne(Object value) {
    Object known = LuaData.value(value, 0);
    Buffer target = Buffer.buffer(likelyBytes(known));
    write(target, known, 0);
    return target;
  }

  /** Returns how many bytes the values take if there are no tables among them. */
  private static int likelyBytes(LuaValues values) {
    long bytes = 0;
    for (Object value : values.asList()) {
      bytes += likelyBytes(value);
    }
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  private static int likelyBytes(@Nullable Object value) {
    return MOST_SCALAR_BYTES + (value instanceof LuaString string ? string.length() : 0);
  }

  /**
   * Returns the values in {@code bytes}, which are not changed: what {@code skynet.unpack} gives.
   *
   * @throws CodecException if they are none; it says at which offset
   */
  public static LuaValues unpack(Buffer bytes) {
    return new LuaReader(bytes).readAll();
  }

  /**
   * Returns the first of the values in {@code bytes}, null if that is nil or there are none.
   *
   * @throws CodecException if they are none, all of them; it says at which offset
   */
  static @Nullable Object unpackFirst(Buffer bytes) {
    return new LuaReader(bytes).readFirst();
  }

  /** Appends one value of Lua's types. */
  static void write(Buffer target, @Nullable Object value, int depth) {
    if (depth > LuaData.MOST_TABLES) {
      throw new CodecException(
          "value: inside of more than " + LuaData.MOST_TABLES + " tables", null);
    }
    if (value == null) {
      tag(target, NIL, 0);
    } else if (value instanceof LuaString string) {
      write(target, string);
    } else if (value instanceof Long integer) {
      write(target, (long) integer);
    } else if (value instanceof Boolean truth) {
      tag(target, BOOLEAN, truth ? 1 : 0);
    } else if (value instanceof Double real) {
      tag(target, NUMBER, REAL);
      target.appendLongLE(Double.doubleToRawLongBits(real));
    } else if (value instanceof LuaTable table) {
      write(target, table, depth);
    } else {
      throw new CodecException(
          "value: " + value.getClass().getTypeName() + " (expected: a type that can be sent)",
          null);
    }
  }

  private static void write(Buffer target, LuaString string) {
    int length = string.length();
    if (length <= MOST_COOKIE) {
      tag(target, SHORT_STRING, length);
    } else if (length <= 0xffff) {
      tag(target, LONG_STRING, 2);
      target.appendUnsignedShortLE(length);
    } else {
      tag(target, LONG_STRING, 4);
      target.appendIntLE(length);
    }
    string.appendTo(target);
  }

  private static void write(Buffer target, long integer) {
    if (integer == 0) {
      tag(target, NUMBER, INTEGER_0);
    } else if (integer != (int) integer) {
      tag(target, NUMBER, INTEGER_64);
      target.appendLongLE(integer);
    } else if (integer < 0 || integer > 0xffff) {
      tag(target, NUMBER, INTEGER_32);
      target.appendIntLE((int) integer);
    } else if (integer > 0xff) {
      tag(target, NUMBER, INTEGER_16);
      target.appendUnsignedShortLE((int) integer);
    } else {
      tag(target, NUMBER, INTEGER_8);
      target.appendUnsignedByte((short) integer);
    }
  }

  private static void write(Buffer target, LuaTable table, int depth) {
    List<@Nullable Object> array = table.array();
    if (array.size() < MOST_COOKIE) {
      tag(target, TABLE, array.size());
    } else {
      tag(target, TABLE, MOST_COOKIE);
      write(target, (long) array.size());
    }
    for (Object value : array) {
      write(target, value, depth + 1);
    }
    for (Map.Entry<Object, Object> pair : table.hash().entrySet()) {
      write(target, pair.getKey(), depth + 1);
      write(target, pair.getValue(), depth + 1);
    }
    tag(target, NIL, 0);
  }

  private static void tag(Buffer target, int type, int cookie) {
    target.appendByte((byte) (cookie << 3 | type));
  }
}
