// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValuesTest {

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("", List.of()),
        Arguments.of(" \r\n\t ", List.of()),
        Arguments.of("{}", List.of("{}")),
        Arguments.of("{\"a\":1}\n{\"b\":[2]}\n", List.of("{\"a\":1}", "{\"b\":[2]}")),
        Arguments.of("{\"a\":1}{\"b\":2}", List.of("{\"a\":1}", "{\"b\":2}")),
        Arguments.of("{\n \"a\" : 1\n}\n\n{}", List.of("{\n \"a\" : 1\n}", "{}")),
        Arguments.of("{\"}\\\"{\":\"]\\\\\"}", List.of("{\"}\\\"{\":\"]\\\\\"}")),
        Arguments.of(
            "1 -2.5e3 true \"x y\" false", List.of("1", "-2.5e3", "true", "\"x y\"", "false")),
        Arguments.of("17", List.of("17")),
        Arguments.of("null", List.of()),
        Arguments.of("null\n{}", List.of("{}")),
        Arguments.of("[]", List.of()),
        Arguments.of(" [ ] ", List.of()),
        Arguments.of(
            "[{\"a\":[1,2]},{\"b\":\"],[\"}]", List.of("{\"a\":[1,2]}", "{\"b\":\"],[\"}")),
        Arguments.of("[1, null ,[2],\"3\"]\n", List.of("1", "[2]", "\"3\"")));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void cutsWholeBodies(String body, List<String> values) {
    assertEquals(values, read(body, body.length() + 1));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void cutsWhatComesByteByByte(String body, List<String> values) {
    assertEquals(values, read(body, 1));
  }

  @Test
  void cutsThousandsInPiecesOfAnySize() {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder body = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      String value = "{\"n\":" + i + ",\"s\":\"" + "\\\"x{[".repeat(random.nextInt(5)) + "\"}";
      expected.add(value);
      body.append(value).append(random.nextBoolean() ? "\n" : "");
    }
    JsonValues values = new JsonValues(1_000);
    List<String> found = new ArrayList<>();
    for (int at = 0; at < body.length(); ) {
      int end = Math.min(body.length(), at + 1 + random.nextInt(4_000));
      values.add(Buffer.buffer(body.substring(at, end)));
      at = end;
      take(values, found);
    }
    assertEquals(expected, found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "}", "{} ,{}", "[1 2]", "[,]", "[1,]", "[1", "{", "\"x", "[]x", "x", "[{]", "[1]]"
      })
  void refusesWhatIsNoJson(String body) {
    FramingException refused = assertThrows(FramingException.class, () -> read(body, 100));
    assertEquals(
        refused.getMessage(),
        assertThrows(FramingException.class, () -> read(body, 1)).getMessage());
  }

  @Test
  void boundsEachValue() {
    String fits = "\"" + "x".repeat(98) + "\"";

    assertEquals(List.of(fits, fits), readBounded(fits + fits));
    assertThrows(FramingException.class, () -> readBounded("\"" + "x".repeat(99) + "\""));
    assertThrows(FramingException.class, () -> readBounded("{" + " ".repeat(200)));
  }

  private static List<String> read(String body, int size) {
    return read(body, size, 10_000);
  }

  private static List<String> readBounded(String body) {
    return read(body, 7, 100);
  }

  private static List<String> read(String body, int size, int most) {
    JsonValues values = new JsonValues(most);
    List<String> found = new ArrayList<>();
    for (int at = 0; at < body.length(); at += size) {
      values.add(Buffer.buffer(body.substring(at, Math.min(body.length(), at + size))));
      take(values, found);
    }
    Buffer last = values.end();
    if (last != null) {
      found.add(last.toString());
      assertEquals(null, values.end());
    }
    return found;
  }

  private static void take(JsonValues values, List<String> found) {
    for (Buffer value = values.next(); value != null; value = values.next()) {
      found.add(value.toString());
    }
  }
}
