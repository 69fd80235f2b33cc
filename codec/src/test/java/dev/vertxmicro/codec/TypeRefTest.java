// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeRefTest {

  private abstract static class Pair<A, B> extends TypeRef<B> {}

  private abstract static class Open<T> extends TypeRef<List<T[]>> {}

  @Test
  void keepsTheArgumentsOfItsType() {
    TypeRef<Map<String, List<Integer>>> type = new TypeRef<>() {};

    assertEquals(
        "java.util.Map<java.lang.String, java.util.List<java.lang.Integer>>", type.toString());
    assertEquals(Map.class, type.rawClass());
    assertEquals(type, new TypeRef<Map<String, List<Integer>>>() {});
    assertEquals(type.hashCode(), new TypeRef<Map<String, List<Integer>>>() {}.hashCode());
  }

  @Test
  void isEqualHoweverItWasMade() {
    assertEquals(TypeRef.of(String.class), new TypeRef<String>() {});
    assertEquals(TypeRef.of((Type) String.class), TypeRef.of(String.class));
    assertNotEquals(TypeRef.of(String.class), TypeRef.of(Integer.class));
  }

  @Test
  void hasNoClassForArraysOfGenericTypes() {
    assertNull(new TypeRef<List<String>[]>() {}.rawClass());
    assertEquals(String[].class, new TypeRef<String[]>() {}.rawClass());
    assertEquals(List.class, new TypeRef<List<?>>() {}.rawClass());
  }

  @Test
  @SuppressWarnings("rawtypes")
  void refusesToBeMadeWithoutItsArgument() {
    assertThrows(IllegalArgumentException.class, () -> new TypeRef() {});
    assertThrows(IllegalArgumentException.class, () -> new Pair<Integer, String>() {});
  }

  @Test
  void refusesTypeVariables() {
    assertThrows(IllegalArgumentException.class, this::<String>ofVariable);
    assertThrows(IllegalArgumentException.class, () -> new Open<String>() {});
    assertThrows(
        IllegalArgumentException.class, () -> TypeRef.of(List.class.getTypeParameters()[0]));
  }

  private <T> TypeRef<List<? extends Map<String, T[]>>> ofVariable() {
    return new TypeRef<>() {};
  }
}
