// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Reads options from JSON and says which key has what wrong with it. */
final class JsonFields {

  private final JsonObject json;

  JsonFields(JsonObject json) {
    this.json = json;
  }

  void duration(String key, Consumer<Duration> set) {
    number(key, "milliseconds", value -> set.accept(Duration.ofMillis(value.longValue())));
  }

  void integer(String key, IntConsumer set) {
    number(key, "an integer", value -> set.accept(Math.toIntExact(value.longValue())));
  }

  void decimal(String key, Consumer<Double> set) {
    read(key, Number.class, "a number", value -> set.accept(value.doubleValue()));
  }

  void bool(String key, Consumer<Boolean> set) {
    read(key, Boolean.class, "true or false", set);
  }

  void string(String key, Consumer<String> set) {
    read(key, String.class, "a string", set);
  }

  void object(String key, Consumer<JsonObject> set) {
    read(key, JsonObject.class, "an object", set);
  }

  void strings(String key, Consumer<List<String>> set) {
    read(
        key,
        JsonArray.class,
        "an array of strings",
        array -> {
          List<String> strings = new ArrayList<>();
          for (Object element : array) {
            if (!(element instanceof String text)) {
              throw new IllegalArgumentException(
                  key + ": " + element + " (expected: an array of strings)");
            }
            strings.add(text);
          }
          set.accept(strings);
        });
  }

  private void number(String key, String expected, Consumer<Number> set) {
    read(
        key,
        Number.class,
        expected,
        value -> {
          if (value.doubleValue() != value.longValue()) {
            throw new IllegalArgumentException(
                key + ": " + value + " (expected: " + expected + ")");
          }
          set.accept(value);
        });
  }

  private <T> void read(String key, Class<T> type, String expected, Consumer<? super T> set) {
    Object value = json.getValue(key);
    if (value == null) {
      return;
    }
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
    }
    set.accept(type.cast(value));
  }
}
