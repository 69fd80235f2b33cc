// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vertxmicro.runtime.pooling.BufferBytes;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonMembersTest {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final String SAMPLE =
      "{\"op_id\":\"17\",\"a\":[1,{\"b\":\"}\"},[]],\"c\":-1.5e+3,\"d\\n\":\"x\\\"y\\u00e9\","
          + "\"e\":{\"f\":{}},\"g\":true , \"h\" : null,\"\":\"\",\"i\":\"\u00e9\u20ac\"}";

  /** Returns the members, by name, each as its text. */
  private static Map<String, String> read(String json) {
    Buffer around = Buffer.buffer("," + json + "}");
    BufferBytes bytes = BufferBytes.of(around.slice(1, around.length() - 1));
    JsonMembers members = new JsonMembers(bytes);
    Map<String, String> read = new LinkedHashMap<>();
    while (members.next()) {
      String quoted =
          new String(
              bytes.array(), members.from(), members.to() - members.from(), StandardCharsets.UTF_8);
      read.put(nameIn(quoted), members.text());
    }
    return read;
  }

  private static JsonMembers over(String json) {
    return new JsonMembers(BufferBytes.of(Buffer.buffer(json)));
  }

  private static String nameIn(String member) {
    try {
      return JSON.readTree("{" + member + "}").fieldNames().next();
    } catch (JsonProcessingException e) {
      return "?";
    }
  }

  private static Map<String, String> expected(ObjectNode node) {
    Map<String, String> all = new LinkedHashMap<>();
    node.properties()
        .forEach(
            each ->
                all.put(
                    each.getKey(),
                    each.getValue().isTextual()
                        ? each.getValue().textValue()
                        : each.getValue().toString()));
    return all;
  }

  @Test
  void findsTheMembersThatJacksonFinds() throws JsonProcessingException {
    Map<String, String> read = read(SAMPLE);

    ObjectNode node = (ObjectNode) JSON.readTree(SAMPLE);
    assertEquals(expected(node).keySet(), read.keySet());
    assertEquals("x\"y\u00e9", read.get("d\n"));
    assertEquals("-1.5e+3", read.get("c"));
    assertEquals("\u00e9\u20ac", read.get("i"));
    assertEquals("[1,{\"b\":\"}\"},[]]", read.get("a"));
    assertEquals(Map.of(), read(" { } "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":nul}",
        "{\"a\":truefalse}",
        "{\"a\":\"b}",
        "{\"a\":\"\n\"}",
        "{\"a\":[1,2}",
        "{\"a\":\"\\",
        "{\"a\":{"
      })
  void saysThatItIsNoObject(String text) {
    assertThrows(JsonMembers.MalformedException.class, () -> read(text));
  }

  @Test
  void knowsANameHoweverItIsWritten() {
    JsonMembers members = over("{\"op\\u005fid\":1}");
    members.next();

    assertTrue(members.is("op_id".getBytes(StandardCharsets.UTF_8)));
    assertEquals(1, members.wholeNumber());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "1.0", "\"01\"", "\"\"", "\"1a\"", "1234567890123456789", "true"})
  void takesNothingElseForAWholeNumber(String value) {
    JsonMembers members = over("{\"a\":" + value + "}");
    members.next();

    assertEquals(-1, members.wholeNumber());
  }

  /** Whatever Jackson reads is read alike; whatever else comes, there is an end and one failure. */
  @Test
  void readsWhatJacksonReadsAndFallsOverNothing() {
    SplittableRandom random = new SplittableRandom(19);
    byte[] sample = SAMPLE.getBytes(StandardCharsets.UTF_8);
    String spare = "{}[]\",:\\ 0-tn\n";
    int both = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = sample.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) spare.charAt(random.nextInt(spare.length()));
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      Map<String, String> read = readOrNull(text);
      ObjectNode node = parsed(text);
      if (node != null && node.size() > 0) {
        both++;
        assertEquals(expected(node).keySet(), read == null ? null : read.keySet(), text);
      }
    }
    assertTrue(both > 1_000, "both read " + both);
  }

  private static Map<String, String> readOrNull(String text) {
    try {
      return read(text);
    } catch (JsonMembers.MalformedException bad) {
      return null;
    }
  }

  private static ObjectNode parsed(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node instanceof ObjectNode object ? object : null;
    } catch (JsonProcessingException bad) {
      return null;
    }
  }
}
