// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every options class keeps: constructors without arguments, from another and from JSON;
 * {@code toJson}; a fluent setter and a getter for each property; equality by value. One subclass
 * per options class. Properties are found by their setters, so a new one that is forgotten in JSON,
 * in the copy or in {@code equals} fails here.
 *
 * @param <T> the options
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OptionsContract<T> {

  /**
   * A JSON field with a value out of its range.
   *
   * @param key the field
   * @param value the value
   * @param range a part of the message that says what was expected
   */
  public record BadValue(String key, Object value, String range) {}

  private final Class<T> type;

  /** Tests options of {@code type}. */
  protected OptionsContract(Class<T> type) {
    this.type = type;
  }

  /** Returns new options in which every property differs from its default. */
  protected abstract T changed();

  /** Returns at least one value out of its range for each property that has a range. */
  protected abstract Stream<BadValue> badValues();

  /** Returns the properties that can only be set in code, not in JSON. Default none. */
  protected Set<String> codeOnly() {
    return Set.of();
  }

  @Test
  protected void emptyJsonGivesTheDefaults() {
    assertEquals(defaults(), fromJson(new JsonObject()));
    assertEquals(toJson(defaults()), toJson(fromJson(new JsonObject())));
  }

  @Test
  protected void jsonKeepsEveryProperty() {
    JsonObject json = toJson(changed());

    // Through text, as a configuration file does.
    T read = fromJson(new JsonObject(json.encode()));

    assertEquals(json.encode(), toJson(read).encode());
    if (codeOnly().isEmpty()) {
      assertEquals(changed(), read);
    }
  }

  @ParameterizedTest
  @MethodSource("properties")
  protected void everyPropertyIsInJsonOrKnownToBeSetInCode(String property) {
    assertEquals(!codeOnly().contains(property), toJson(changed()).containsKey(property), property);
  }

  @ParameterizedTest
  @MethodSource("properties")
  protected void aPropertyMakesADifference(String property) {
    T other = defaults();
    copyProperty(property, changed(), other);

    assertNotEquals(
        get(property, defaults()), get(property, changed()), "changed() leaves " + property);
    assertEquals(get(property, changed()), get(property, other));
    assertNotEquals(defaults(), other);
    if (!codeOnly().contains(property)) {
      assertNotEquals(toJson(defaults()), toJson(other));
    }
  }

  @Test
  protected void aCopyIsEqualAndIndependent() {
    T original = changed();
    T copy = copy(original);
    assertEquals(original, copy);
    assertEquals(original.hashCode(), copy.hashCode());

    T untouched = defaults();
    T touched = copy(untouched);
    properties().forEach(property -> copyProperty(property, original, touched));
    assertEquals(defaults(), untouched);
    assertEquals(original, touched);
  }

  @ParameterizedTest
  @MethodSource("properties")
  protected void settersReturnTheOptions(String property) {
    T options = defaults();

    assertSame(options, copyProperty(property, changed(), options));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  protected void badValuesNameKeyValueAndRange(BadValue bad) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> fromJson(new JsonObject().put(bad.key(), bad.value())));

    String message = refused.getMessage();
    assertTrue(message.startsWith(bad.key() + ": "), message);
    assertTrue(message.contains(bad.range()) && message.contains("(expected: "), message);
    assertTrue(mentions(message, bad.value()), message);
  }

  /** A duration may print as one: 0 ms as PT0S. */
  private static boolean mentions(String message, Object value) {
    return message.contains(String.valueOf(value))
        || (value instanceof Number millis
            && message.contains(Duration.ofMillis(millis.longValue()).toString()));
  }

  @Test
  protected void valuesOfAWrongTypeAreNotPassedOver() {
    for (String key : toJson(changed()).fieldNames()) {
      JsonObject wrong = new JsonObject().put(key, new JsonArray().add(new JsonArray()));

      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> fromJson(wrong), key);
      assertTrue(refused.getMessage().startsWith(key + ": "), refused.getMessage());
    }
  }

  @Test
  protected void printsItsName() {
    assertTrue(changed().toString().startsWith(type.getSimpleName()), changed().toString());
    assertFalse(changed().toString().contains(type.getSimpleName() + "@"), changed().toString());
  }

  /** Sets one property of {@code to} to its value in {@code from}; returns what the setter does. */
  protected final Object copyProperty(String property, T from, T to) {
    Method setter = setter(property);
    Object value = get(property, from);
    if (setter.getParameterTypes()[0].isArray() && value instanceof Collection<?> many) {
      value =
          many.toArray(
              (Object[]) Array.newInstance(setter.getParameterTypes()[0].getComponentType(), 0));
    }
    // In an array of its own: a varargs setter takes its array as one argument.
    return call(setter, to, new Object[] {value});
  }

  /** Returns the properties, by the names of their setters. */
  final Stream<String> properties() {
    List<String> properties =
        Arrays.stream(type.getMethods())
            .filter(method -> method.getName().matches("set[A-Z].*"))
            .filter(method -> method.getParameterCount() == 1)
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .map(method -> method.getName().substring(3))
            .map(name -> Character.toLowerCase(name.charAt(0)) + name.substring(1))
            .distinct()
            .sorted()
            .toList();
    assertFalse(properties.isEmpty(), "no setters");
    return properties.stream();
  }

  private Method setter(String property) {
    return method("set" + upper(property), 1);
  }

  private Object get(String property, T options) {
    Method getter =
        Stream.of("get", "is")
            .flatMap(prefix -> methods(prefix + upper(property), 0))
            .findFirst()
            .orElseGet(() -> fail("no getter of " + property));
    return call(getter, options);
  }

  private Method method(String name, int parameters) {
    return methods(name, parameters).findFirst().orElseGet(() -> fail("no method " + name));
  }

  private Stream<Method> methods(String name, int parameters) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getName().equals(name))
        .filter(method -> method.getParameterCount() == parameters);
  }

  private static String upper(String property) {
    return Character.toUpperCase(property.charAt(0)) + property.substring(1);
  }

  private T defaults() {
    return make(new Class<?>[0]);
  }

  private T copy(T other) {
    return make(new Class<?>[] {type}, other);
  }

  private T fromJson(JsonObject json) {
    return make(new Class<?>[] {JsonObject.class}, json);
  }

  private JsonObject toJson(T options) {
    return (JsonObject) Objects.requireNonNull(call(method("toJson", 0), options));
  }

  private T make(Class<?>[] parameters, Object... arguments) {
    try {
      return type.getConstructor(parameters).newInstance(arguments);
    } catch (InvocationTargetException failed) {
      throw unchecked(failed);
    } catch (ReflectiveOperationException missing) {
      return fail("constructor of " + Arrays.toString(parameters), missing);
    }
  }

  private static Object call(Method method, Object target, Object... arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failed) {
      throw unchecked(failed);
    } catch (ReflectiveOperationException unreachable) {
      return fail(method.toString(), unreachable);
    }
  }

  private static RuntimeException unchecked(InvocationTargetException failed) {
    if (failed.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(failed);
  }
}
