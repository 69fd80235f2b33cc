// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns values of Java into those of Lua, all the way down, so that what is made of them does not
 * change with them.
 */
final class LuaData {

  /** How many tables may be around a value, as skynet's encoder has it. */
  static final int MOST_TABLES = 32;

  private LuaData() {}

  /**
   * Returns the value of Lua that {@code value} stands for.
   *
   * @param depth how many tables are around it
   * @throws CodecException if Lua has no type for it, or too many tables are around it
   */
  static @Nullable Object value(@Nullable Object value, int depth) {
    if (depth > MOST_TABLES) {
      throw tooDeep();
    }
    if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof LuaString) {
      return value;
    }
    if (value instanceof String text) {
      return LuaString.of(text);
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof LuaTable table) {
      requireShallow(table, depth);
      return table;
    }
    if (value instanceof List<?> list) {
      return table(list, Map.of(), depth);
    }
    if (value instanceof Map<?, ?> map) {
      return table(List.of(), map, depth);
    }
    return rarer(value, depth);
  }

  private static @Nullable Object rarer(Object value, int depth) {
    if (value instanceof Float real) {
      return real.doubleValue();
    }
    if (value instanceof byte[] bytes) {
      return LuaString.of(bytes);
    }
    if (value instanceof Buffer buffer) {
      return LuaString.of(buffer);
    }
    if (value instanceof Object[] array) {
      return table(Arrays.asList(array), Map.of(), depth);
    }
    if (value instanceof Optional<?> optional) {
      return value(optional.orElse(null), depth);
    }
    throw new CodecException(
        "value: "
            + value.getClass().getTypeName()
            + " (expected: null, a boolean, a number, a string, bytes, a List or a Map)",
        null);
  }

  /** Returns the table of both parts, of which {@code depth} others are around. */
  static LuaTable table(List<?> array, Map<?, ?> hash, int depth) {
    List<@Nullable Object> values = sequence(array, depth + 1);
    Map<Object, Object> pairs = new LinkedHashMap<>();
    hash.forEach((key, value) -> put(values, pairs, key(key, depth + 1), value(value, depth + 1)));
    return LuaTable.wrap(values, pairs);
  }

  /** Returns a list of values, of which {@code depth} tables are around. */
  static List<@Nullable Object> sequence(List<?> values, int depth) {
    List<@Nullable Object> sequence = new ArrayList<>(values.size());
    for (Object value : values) {
      sequence.add(value(value, depth));
    }
    return sequence;
  }

  /**
   * Returns a key as Lua has it.
   *
   * @throws CodecException if it is null or NaN, or Lua has no type for it
   */
  static Object key(@Nullable Object key, int depth) {
    Object known = value(key, depth);
    if (known == null) {
      throw new CodecException("key: nil (expected: a key that Lua takes)", null);
    }
    if (known instanceof Double real && real.isNaN()) {
      throw new CodecException("key: NaN (expected: a key that Lua takes)", null);
    }
    return ofWhole(known);
  }

  /** Returns a float with an integral value as that integer: as keys they are one in Lua. */
  static Object ofWhole(Object key) {
    if (key instanceof Double real) {
      long whole = real.longValue();
      // The cast saturates: 2^63 is no integer of Lua.
      if (whole == real && whole != Long.MAX_VALUE) {
        return whole;
      }
    }
    return key;
  }

  /** Adds a pair, to the sequence if its key is there already; nil takes it away. */
  static void put(
      List<@Nullable Object> array, Map<Object, Object> hash, Object key, @Nullable Object value) {
    if (key instanceof Long index && index >= 1 && index <= array.size()) {
      array.set((int) (index - 1), value);
    } else if (value == null) {
      hash.remove(key);
    } else {
      hash.put(key, value);
    }
  }

  private static void requireShallow(@Nullable Object value, int depth) {
    if (depth > MOST_TABLES) {
      throw tooDeep();
    }
    if (value instanceof LuaTable table) {
      table.array().forEach(each -> requireShallow(each, depth + 1));
      table
          .hash()
          .forEach(
              (key, each) -> {
                requireShallow(key, depth + 1);
                requireShallow(each, depth + 1);
              });
    }
  }

  private static CodecException tooDeep() {
    return new CodecException(
        "value: inside of more tables than may be sent (expected: at most " + MOST_TABLES + ")",
        null);
  }
}
