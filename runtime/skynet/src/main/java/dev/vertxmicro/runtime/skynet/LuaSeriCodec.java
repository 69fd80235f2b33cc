// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/**
 * Bodies of calls to skynet: the arguments one way, what the service returned the other.
 *
 * <p>{@link LuaValues} are any number of values; anything else that Lua has a type for is one. Of
 * what a service returned, {@code LuaValues} is all, and any other type the first value, as in
 * {@code local a = cluster.call(...)}:
 *
 * <ul>
 *   <li>{@code Long}, {@code Integer}, {@code Short} and {@code Byte} take an integer that fits,
 *       {@code Double} and {@code Float} a float; {@code Double} also an integer that it can hold
 *       exactly. No integer is made of a float.
 *   <li>{@code String} takes a string in UTF-8, {@link LuaString} any; {@code byte[]} and {@code
 *       Buffer} do inside of lists and maps, while as a body they are the bytes that were sent.
 *   <li>{@code List<X>} takes a table without pairs, in which nil is null; {@code Map<K, V>} any
 *       table, its sequence under the keys 1, 2, ...; {@link LuaTable} any.
 *   <li>{@code Optional<X>} takes X, and is empty for nil and for no values. Every other type fails
 *       for these.
 *   <li>{@code Object} takes anything but nil, as {@link LuaValues} lists it.
 * </ul>
 */
public final class LuaSeriCodec implements Codec {

  /** The content type of lua-seri here; on the wire nothing names it. */
  public static final String CONTENT_TYPE = "application/x-lua-seri";

  /** Makes the codec. */
  public LuaSeriCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of(CONTENT_TYPE);
  }

  @Override
  public boolean handles(Type type) {
    return LuaTypes.handles(type);
  }

  @Override
  public Buffer encode(Object value) {
    return value instanceof LuaValues values ? LuaSeri.pack(values) : LuaSeri.packOne(value);
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"})
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.type() == Void.class) {
      return null;
    }
    if (!handles(type.type())) {
      throw new CodecException("type: " + type + " (expected: a type that Lua has)", null);
    }
    return type.type() == LuaValues.class
        ? (T) LuaSeri.unpack(body)
        : (T) LuaTypes.present(LuaSeri.unpackFirst(body), type.type(), () -> what(body));
  }

  private static String what(Buffer body) {
    return "body: " + body.length() + " bytes, " + (body.length() == 0 ? "no value" : "value");
  }
}
