// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonFieldsTest {

  /** Reads a field named x into a list. */
  enum Reading {
    DURATION((fields, read) -> fields.duration("x", read::add)),
    INTEGER((fields, read) -> fields.integer("x", read::add)),
    DECIMAL((fields, read) -> fields.decimal("x", read::add)),
    BOOL((fields, read) -> fields.bool("x", read::add)),
    STRING((fields, read) -> fields.string("x", read::add)),
    CONSTANT((fields, read) -> fields.constant("x", TimeUnit.class, read::add)),
    STRINGS((fields, read) -> fields.strings("x", read::add)),
    OBJECT((fields, read) -> fields.object("x", read::add));

    private final BiConsumer<JsonFields, List<Object>> reading;

    Reading(BiConsumer<JsonFields, List<Object>> reading) {
      this.reading = reading;
    }

    List<Object> of(String json) {
      List<Object> read = new ArrayList<>();
      reading.accept(new JsonFields(new JsonObject(json)), read);
      return read;
    }
  }

  static Stream<Arguments> good() {
    return Stream.of(
        Arguments.of(Reading.DURATION, "1500", Duration.ofMillis(1500)),
        Arguments.of(Reading.DURATION, "-1", Duration.ofMillis(-1)),
        Arguments.of(Reading.DURATION, "9223372036854775807", Duration.ofMillis(Long.MAX_VALUE)),
        Arguments.of(Reading.INTEGER, "2147483647", Integer.MAX_VALUE),
        Arguments.of(Reading.INTEGER, "0", 0),
        Arguments.of(Reading.DECIMAL, "0.5", 0.5),
        Arguments.of(Reading.DECIMAL, "2", 2.0),
        Arguments.of(Reading.BOOL, "false", false),
        Arguments.of(Reading.STRING, "\"\"", ""),
        Arguments.of(Reading.CONSTANT, "\"DAYS\"", TimeUnit.DAYS),
        Arguments.of(Reading.STRINGS, "[\"a\",\"b\"]", List.of("a", "b")),
        Arguments.of(Reading.STRINGS, "[]", List.of()),
        Arguments.of(Reading.OBJECT, "{\"a\":1}", new JsonObject().put("a", 1)));
  }

  @ParameterizedTest
  @MethodSource("good")
  void readsAField(Reading reading, String value, Object read) {
    assertEquals(List.of(read), reading.of("{\"x\":" + value + "}"));
  }

  @ParameterizedTest
  @EnumSource
  void leavesTheDefaultOfAFieldThatIsAbsentOrNull(Reading reading) {
    assertEquals(List.of(), reading.of("{}"));
    assertEquals(List.of(), reading.of("{\"x\":null}"));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of(Reading.DURATION, "\"5s\"", "x: 5s (expected: whole milliseconds)"),
        Arguments.of(Reading.DURATION, "1.5", "x: 1.5 (expected: whole milliseconds)"),
        Arguments.of(
            Reading.DURATION,
            "9223372036854775808",
            "x: 9223372036854775808 (expected: whole milliseconds)"),
        Arguments.of(Reading.INTEGER, "\"5\"", "x: 5 (expected: a whole number)"),
        Arguments.of(Reading.INTEGER, "5.0", "x: 5.0 (expected: a whole number)"),
        Arguments.of(
            Reading.INTEGER, "2147483648", "x: 2147483648 (expected: a whole number of 32 bits)"),
        Arguments.of(Reading.DECIMAL, "true", "x: true (expected: a number)"),
        Arguments.of(Reading.BOOL, "1", "x: 1 (expected: true or false)"),
        Arguments.of(Reading.STRING, "1", "x: 1 (expected: a string)"),
        Arguments.of(
            Reading.CONSTANT,
            "\"days\"",
            "x: days (expected: one of [NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES,"
                + " HOURS, DAYS])"),
        Arguments.of(Reading.STRINGS, "[\"a\",1]", "x: [\"a\",1] (expected: an array of strings)"),
        Arguments.of(Reading.STRINGS, "\"a\"", "x: a (expected: an array of strings)"),
        Arguments.of(Reading.OBJECT, "[]", "x: [] (expected: an object)"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void namesKeyValueAndWhatWasExpected(Reading reading, String value, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> reading.of("{\"x\":" + value + "}"));

    assertEquals(message, refused.getMessage());
  }

  @Test
  void readsNumbersThatWerePutInJava() {
    List<Object> read = new ArrayList<>();
    JsonFields fields = new JsonFields(new JsonObject().put("x", 5L).put("y", (short) 6));

    fields.integer("x", read::add);
    fields.duration("y", read::add);

    assertEquals(List.of(5, Duration.ofMillis(6)), read);
  }
}
