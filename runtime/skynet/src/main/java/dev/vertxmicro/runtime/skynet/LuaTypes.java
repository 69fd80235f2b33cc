// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns values of Lua into those of the type that a caller wants. */
final class LuaTypes {

  private static final Set<Class<?>> PLAIN =
      Set.of(
          Object.class,
          Number.class,
          String.class,
          Boolean.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          Optional.class,
          LuaString.class,
          LuaTable.class,
          LuaValues.class,
          LuaPointer.class,
          Void.class);

  /** The largest integer below which each one is a double. */
  private static final long MOST_EXACT = 1L << 53;

  private LuaTypes() {}

  /** Tells whether a body can be of {@code type}. */
  static boolean handles(Type type) {
    Class<?> raw = raw(type);
    return raw != null
        && (PLAIN.contains(raw)
            || List.class.isAssignableFrom(raw)
            || Map.class.isAssignableFrom(raw)
            || (raw.isArray() && !raw.getComponentType().isPrimitive()));
  }

  private static @Nullable Class<?> raw(Type type) {
    if (type instanceof Class<?> plain) {
      return plain;
    }
    if (type instanceof WildcardType wildcard) {
      return raw(wildcard.getUpperBounds()[0]);
    }
    return type instanceof ParameterizedType generic ? raw(generic.getRawType()) : null;
  }

  /**
   * Returns {@code value} as {@code type}.
   *
   * @param what names the value in the text of a failure
   * @throws CodecException if it is none
   */
  @SuppressWarnings("unchecked")
  static <T> T read(@Nullable Object value, Class<T> type, Supplier<String> what) {
    return (T) present(value, type, what);
  }

  /** Returns {@code value} as {@code type}: never null. */
  static Object present(@Nullable Object value, Type type, Supplier<String> what) {
    Class<?> raw = raw(type);
    if (raw == Optional.class) {
      return value == null
          ? Optional.empty()
          : Optional.of(present(value, argument(type, 0), what));
    }
    if (value == null || raw == null) {
      throw unfit(value, type, what);
    }
    if (raw.isInstance(value)) {
      return value;
    }
    Object read = null;
    if (value instanceof LuaString string) {
      read = string(string, raw);
    } else if (value instanceof Long integer) {
      read = integer(integer, raw);
    } else if (value instanceof Double real) {
      read = raw == Float.class ? real.floatValue() : null;
    } else if (value instanceof LuaTable table) {
      read = table(table, raw, type, what);
    }
    if (read == null) {
      throw unfit(value, type, what);
    }
    return read;
  }

  private static @Nullable Object string(LuaString string, Class<?> raw) {
    if (raw == String.class) {
      return string.utf8();
    }
    if (raw == byte[].class) {
      return string.bytes();
    }
    return raw == Buffer.class ? string.buffer() : null;
  }

  private static @Nullable Object integer(long integer, Class<?> raw) {
    if (raw == Integer.class) {
      return integer == (int) integer ? (Object) (int) integer : null;
    }
    if (raw == Short.class) {
      return integer == (short) integer ? (Object) (short) integer : null;
    }
    if (raw == Byte.class) {
      return integer == (byte) integer ? (Object) (byte) integer : null;
    }
    if (raw == Double.class) {
      return Math.abs(integer) <= MOST_EXACT && integer != Long.MIN_VALUE
          ? (Object) (double) integer
          : null;
    }
    return null;
  }

  private static @Nullable Object table(
      LuaTable table, Class<?> raw, Type type, Supplier<String> what) {
    if (raw == List.class && table.hash().isEmpty()) {
      Type element = argument(type, 0);
      List<@Nullable Object> list = new ArrayList<>(table.array().size());
      Supplier<String> next = () -> what.get() + "[" + list.size() + "]";
      for (Object each : table.array()) {
        list.add(each == null ? null : present(each, element, next));
      }
      return list;
    }
    if (raw == Map.class) {
      Type keys = argument(type, 0);
      Type values = argument(type, 1);
      Supplier<String> ofKey = () -> "key of " + what.get();
      Supplier<String> ofValue = () -> "value in " + what.get();
      Map<Object, Object> map = new LinkedHashMap<>();
      table
          .asMap()
          .forEach(
              (key, each) -> map.put(present(key, keys, ofKey), present(each, values, ofValue)));
      return map;
    }
    return null;
  }

  private static Type argument(Type type, int index) {
    return type instanceof ParameterizedType generic
        ? generic.getActualTypeArguments()[index]
        : Object.class;
  }

  private static CodecException unfit(@Nullable Object value, Type type, Supplier<String> what) {
    return new CodecException(
        "%s: %s (expected: %s)".formatted(what.get(), luaType(value), type.getTypeName()), null);
  }

  private static String luaType(@Nullable Object value) {
    if (value == null) {
      return "nil";
    }
    if (value instanceof LuaString) {
      return "string";
    }
    if (value instanceof LuaTable) {
      return "table";
    }
    if (value instanceof Long) {
      return "integer";
    }
    if (value instanceof Double) {
      return "float";
    }
    return value instanceof Boolean ? "boolean" : "light userdata";
  }
}
