// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call to a service of skynet, or what it returned: any number of values of Lua.
 * No values and one nil are two things. Immutable; equal if the values are.
 *
 * <p>What Lua calls nil is null, an integer {@code Long}, a float {@code Double} (the two are never
 * mixed up), a boolean {@code Boolean}, a string {@link LuaString}, a table {@link LuaTable}; a
 * light userdata is a {@link LuaPointer} and cannot be sent. Taken as well, and turned into these:
 *
 * <ul>
 *   <li>{@code Byte}, {@code Short} and {@code Integer} as integers, {@code Float} as a float,
 *   <li>{@code String} in UTF-8, {@code byte[]} and {@code Buffer} as strings,
 *   <li>{@code List} and {@code Object[]} as the sequence of a table, {@code Map} as its pairs,
 *   <li>{@code Optional} as what is in it, or nil.
 * </ul>
 */
public final class LuaValues {

  /** No values at all. */
  public static final LuaValues NONE = new LuaValues(List.of());

  private final List<@Nullable Object> values;

  private LuaValues(List<@Nullable Object> values) {
    this.values = values;
  }

  /**
   * Returns these values, in this order: {@code LuaValues.of("SET", "key", 42)}.
   *
   * @throws CodecException if Lua has no type for one of them
   */
  public static LuaValues of(@Nullable Object... values) {
    return ofAll(Arrays.asList(values));
  }

  /**
   * Returns these values, in this order.
   *
   * @throws CodecException if Lua has no type for one of them
   */
  public static LuaValues ofAll(List<?> values) {
    return wrap(LuaData.sequence(values, 0));
  }

  /** Returns values that are of Lua's types and that nobody else has. */
  static LuaValues wrap(List<@Nullable Object> values) {
    return values.isEmpty() ? NONE : new LuaValues(Collections.unmodifiableList(values));
  }

  /** Returns how many there are. */
  public int size() {
    return values.size();
  }

  /** Tells whether there are none. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** Returns all values, not to be changed. */
  public List<@Nullable Object> asList() {
    return values;
  }

  /**
   * Returns one value; null for nil, and for what is behind the last one, as in Lua.
   *
   * @param index from 0
   */
  public @Nullable Object get(int index) {
    return index < values.size() ? values.get(index) : null;
  }

  /**
   * Returns one value as {@code type}, see {@link LuaSeriCodec}.
   *
   * @param index from 0
   * @throws CodecException if it is none, nil and what is behind the last one included
   */
  public <T> T get(int index, Class<T> type) {
    return LuaTypes.read(get(index), type, () -> "value " + index);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LuaValues that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Returns how many there are; what they are may be secret. */
  @Override
  public String toString() {
    return "LuaValues[" + values.size() + "]";
  }
}
