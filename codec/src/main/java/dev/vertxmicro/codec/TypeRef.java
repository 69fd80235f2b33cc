// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
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

  /**
   * Takes the type from the type argument of the anonymous subclass.
   *
   * @throws IllegalArgumentException if there is no argument, or if a type variable is in it: the
   *     type behind a variable is not known at run time
   */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType self)
        || self.getRawType() != TypeRef.class) {
      throw new IllegalArgumentException(
          "TypeRef: " + getClass().getName() + " (expected: new TypeRef<Something>() {})");
    }
    this.type = checked(self.getActualTypeArguments()[0]);
  }

  private TypeRef(Type type) {
    this.type = checked(Objects.requireNonNull(type, "type"));
  }

  /** Returns the reference of a plain class. */
  public static <T> TypeRef<T> of(Class<T> type) {
    return new Known<>(type);
  }

  /**
   * Returns the reference of a type found by reflection; the caller answers for {@code T}.
   *
   * @throws IllegalArgumentException if a type variable is in it
   */
  public static <T> TypeRef<T> of(Type type) {
    return new Known<>(type);
  }

  private static Type checked(Type type) {
    if (hasVariable(type)) {
      throw new IllegalArgumentException(
          "type: " + type.getTypeName() + " (expected: a type without type variables)");
    }
    return type;
  }

  private static boolean hasVariable(Type type) {
    if (type instanceof ParameterizedType generic) {
      return anyHasVariable(generic.getActualTypeArguments());
    }
    if (type instanceof GenericArrayType array) {
      return hasVariable(array.getGenericComponentType());
    }
    if (type instanceof WildcardType wildcard) {
      return anyHasVariable(wildcard.getUpperBounds()) || anyHasVariable(wildcard.getLowerBounds());
    }
    return type instanceof TypeVariable<?>;
  }

  private static boolean anyHasVariable(Type[] types) {
    return Arrays.stream(types).anyMatch(TypeRef::hasVariable);
  }

  /** Returns the type. */
  public final Type type() {
    return type;
  }

  /** Returns the class of the type without its arguments, or null for arrays of generic types. */
  public final @Nullable Class<?> rawClass() {
    if (type instanceof Class<?> plain) {
      return plain;
    }
    return type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw
        ? raw
        : null;
  }

  /** Tells whether the caller wants no value. */
  final boolean isVoid() {
    return type == Void.class;
  }

  /** Returns the only thing that a {@code Void} can be. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  final T nothing() {
    return null;
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
