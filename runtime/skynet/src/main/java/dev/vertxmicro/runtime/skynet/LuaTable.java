// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.CodecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table of Lua as it is sent: values in sequence, and pairs. Immutable; equal if both parts are.
 *
 * <p>What is in it, keys as well, has the types that {@link LuaValues} lists. A key is never null
 * or NaN, and a float with an integral value is the integer, as in Lua.
 */
public final class LuaTable {

  /** The table with nothing in it. */
  public static final LuaTable EMPTY = new LuaTable(List.of(), Map.of());

  private final List<@Nullable Object> array;
  private final Map<Object, Object> hash;

  private LuaTable(List<@Nullable Object> array, Map<Object, Object> hash) {
    this.array = array;
    this.hash = hash;
  }

  /**
   * Returns a table of both parts. A pair without a value is left out, as Lua has none such.
   *
   * @param array the values at 1, 2, ..., which may be null
   * @param hash the pairs; those with a key within the array go before what the array has
   * @throws CodecException if Lua has no type for something in it
   */
  public static LuaTable of(List<?> array, Map<?, ?> hash) {
    return LuaData.table(array, hash, 0);
  }

  /**
   * Returns a sequence.
   *
   * @param values the values at 1, 2, ..., which may be null
   * @throws CodecException if Lua has no type for one of them
   */
  public static LuaTable ofArray(@Nullable Object... values) {
    return of(Arrays.asList(values), Map.of());
  }

  /**
   * Returns a table of pairs.
   *
   * @throws CodecException if Lua has no type for something in it
   */
  public static LuaTable ofHash(Map<?, ?> pairs) {
    return of(List.of(), pairs);
  }

  /** Returns a table of parts that are of Lua's types and that nobody else has. */
  static LuaTable wrap(List<@Nullable Object> array, Map<Object, Object> hash) {
    return array.isEmpty() && hash.isEmpty()
        ? EMPTY
        : new LuaTable(Collections.unmodifiableList(array), Collections.unmodifiableMap(hash));
  }

  /** Returns the values in sequence, that at 1 first; some may be null. Not to be changed. */
  public List<@Nullable Object> array() {
    return array;
  }

  /** Returns the pairs that are not in the sequence. Not to be changed. */
  public Map<Object, Object> hash() {
    return hash;
  }

  /**
   * Returns the value of a key, or null.
   *
   * @param key of one of Lua's types, or of one that is sent as such: {@code get("name")}, {@code
   *     get(1)}
   */
  public @Nullable Object get(Object key) {
    Object known = LuaData.key(key, 0);
    if (known instanceof Long index && index >= 1 && index <= array.size()) {
      return array.get((int) (index - 1));
    }
    return hash.get(known);
  }

  /** Returns everything as one map, the sequence under the keys 1, 2, ... without its nulls. */
  public Map<Object, Object> asMap() {
    Map<Object, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < array.size(); i++) {
      Object value = array.get(i);
      if (value != null) {
        all.put(i + 1L, value);
      }
    }
    all.putAll(hash);
    return all;
  }

  /**
   * Returns the sequence.
   *
   * @throws IllegalStateException if there are pairs as well
   */
  public List<@Nullable Object> asList() {
    if (!hash.isEmpty()) {
      throw new IllegalStateException(
          "lua table: " + hash.size() + " pairs (expected: a sequence only)");
    }
    return new ArrayList<>(array);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LuaTable that && array.equals(that.array) && hash.equals(that.hash);
  }

  @Override
  public int hashCode() {
    return 31 * array.hashCode() + hash.hashCode();
  }

  /** Returns how much is in it; what it is may be secret. */
  @Override
  public String toString() {
    return "LuaTable[array=" + array.size() + ", hash=" + hash.size() + "]";
  }
}
