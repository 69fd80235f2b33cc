// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A type that keeps its arguments at run time: {@code new TypeRef<List<Node>>() {}} or {@code
 * TypeRef.of(Node.class)}. Immutable; equal if the types are.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {

  private final Type type;

  /** Takes the type from the type argument of the anonymous subclass. */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType self)) {
      throw new IllegalArgumentException(
          "TypeRef: no type argument (expected: new TypeRef<Something>() {})");
    }
    this.type = self.getActualTypeArguments()[0];
  }

  private TypeRef(Type type) {
    this.type = Objects.requireNonNull(type, "type");
  }

  /** Returns the reference of a plain class. */
  public static <T> TypeRef<T> of(Class<T> type) {
    return new Known<>(type);
  }

  /** Returns the reference of a type found by reflection; the caller answers for {@code T}. */
  public static <T> TypeRef<T> of(Type type) {
    return new Known<>(type);
  }

  /** Returns the type. */
  public final Type type() {
    return type;
  }

  /** Returns the class of the type without its arguments, or null for a wildcard or variable. */
  public final @Nullable Class<?> rawClass() {
    if (type instanceof Class<?> plain) {
      return plain;
    }
    return type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw
        ? raw
        : null;
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof TypeRef<?> that && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  @Override
  public final String toString() {
    return type.getTypeName();
  }

  private static final class Known<T> extends TypeRef<T> {
    Known(Type type) {
      super(type);
    }
  }
}
