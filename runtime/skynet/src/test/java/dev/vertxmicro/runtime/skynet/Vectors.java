// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/** What real skynet processes have said to each other, and what skynet.pack gives. */
final class Vectors {

  private static final String FOLDER = "/skynet-vectors/";

  private Vectors() {}

  /** Returns the file of lua-seri. */
  static JsonObject seri() {
    return new JsonObject(text("seri-values.json"));
  }

  /** Returns what is known of a captured message. */
  static JsonObject described(String name) {
    return new JsonObject(text(name + ".json"));
  }

  /** Returns the bytes of a captured message, frame by frame, lengths included. */
  static List<Buffer> frames(String name) {
    return text(name + ".hex").lines().map(Vectors::bytes).toList();
  }

  /** Returns all frames of a captured message in one. */
  static Buffer wire(String name) {
    Buffer all = Buffer.buffer();
    frames(name).forEach(all::appendBuffer);
    return all;
  }

  static Buffer bytes(String hex) {
    return Buffer.buffer(HexFormat.of().parseHex(hex));
  }

  static String hex(Buffer bytes) {
    return HexFormat.of().formatHex(bytes.getBytes());
  }

  private static String text(String file) {
    try (InputStream in = Vectors.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new AssertionError("no fixture " + file);
      }
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells whether {@code actual} is what a fixture describes. */
  static boolean describes(Object expected, Object actual) {
    if (expected instanceof Integer || expected instanceof Long) {
      return actual instanceof Long number && number == ((Number) expected).longValue();
    }
    if (expected instanceof Double real) {
      return actual instanceof Double number && number.equals(real);
    }
    if (expected instanceof String text) {
      return text.endsWith("math.huge")
          ? actual.equals((text.startsWith("-") ? -1 : 1) * Double.POSITIVE_INFINITY)
          : actual instanceof LuaString string && string.text().equals(text);
    }
    if (expected instanceof JsonObject part && part.containsKey("table")) {
      return describesTable(part.getJsonObject("table"), actual);
    }
    if (expected instanceof JsonObject part && part.containsKey("string_length")) {
      return actual instanceof LuaString string
          && string.length() == part.getInteger("string_length")
          && string.text().startsWith(part.getString("head"));
    }
    return expected == null ? actual == null : expected.equals(actual);
  }

  /** Tells whether {@code actual} are the values that a fixture describes. */
  static boolean describesAll(JsonArray expected, List<?> actual) {
    if (expected.size() != actual.size()) {
      return false;
    }
    for (int i = 0; i < actual.size(); i++) {
      if (!describes(expected.getValue(i), actual.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean describesTable(JsonObject expected, Object actual) {
    if (!(actual instanceof LuaTable table)
        || !describesAll(expected.getJsonArray("array"), table.array())
        || table.hash().size() != expected.getJsonArray("hash").size()) {
      return false;
    }
    for (Object pair : expected.getJsonArray("hash")) {
      Object key = ((JsonArray) pair).getValue(0);
      Object value = ((JsonArray) pair).getValue(1);
      boolean found =
          table.hash().entrySet().stream()
              .anyMatch(e -> describes(key, e.getKey()) && describes(value, e.getValue()));
      if (!found) {
        return false;
      }
    }
    return true;
  }
}
