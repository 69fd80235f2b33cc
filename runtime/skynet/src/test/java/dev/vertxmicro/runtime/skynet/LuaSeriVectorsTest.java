// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every value that skynet was asked to pack or unpack. */
class LuaSeriVectorsTest {

  /** The values of the fixture as a Java program writes them. */
  private static final Map<String, LuaValues> WRITTEN = new LinkedHashMap<>();

  static {
    one("nil", null);
    one("false", false);
    one("int_0", 0);
    one("int_1", (byte) 1);
    one("int_255", (short) 255);
    one("int_65535", 65535);
    one("int_65536", 65536);
    one("int_i32_max", Integer.MAX_VALUE);
    one("int_u32_max", 0xffffffffL);
    one("int_2p32", 0x100000000L);
    one("int_neg1", -1);
    one("int_i32_min", Integer.MIN_VALUE);
    one("int_i32_min_minus1", Integer.MIN_VALUE - 1L);
    one("int_i64_max", Long.MAX_VALUE);
    one("real_0", 0.0);
    one("real_neg0", -0.0);
    one("real_1", 1.0f);
    one("real_pi", Math.PI);
    one("real_inf", Double.POSITIVE_INFINITY);
    one("real_neginf", Float.NEGATIVE_INFINITY);
    one("str_empty", "");
    one("str_a", new byte[] {'a'});
    one("str_31", "s".repeat(31));
    one("str_255", "s".repeat(255));
    one("str_utf8", "\u4f60\u597d");
    one("str_nul", "a\0b");
    one("table_empty", List.of());
    one("table_array_3", List.of(1, 2, 3));
    one("table_hash_1", Map.of("a", 1));
    one("table_array_nested", List.of(List.of(1), new Object[] {2}));
    one("table_array_30", LongStream.rangeClosed(1, 30).boxed().toList());
    one("table_array_31", LongStream.rangeClosed(1, 31).boxed().toList());
    one("table_array_300", Collections.nCopies(300, true));
    one("table_hole", LuaTable.of(List.of(1), Map.of(3, 3)));
    one("table_int_key_sparse", Map.of(100, "x"));
    one("table_float_key", Map.of(1.5, "x"));
    one("table_bool_key", Map.of(true, "x"));
    one("table_table_value", Map.of("k", List.of(1, Map.of("z", false))));
    WRITTEN.put("trailing_nil", LuaValues.of(1, null));
    one("depth33_empty_inner", nested(LuaTable.EMPTY, 32));
    one("meta_pairs", Map.of("m", 1));
    one("int_from_float", Math.pow(2, 53));
    one("str_65535", "s".repeat(65535));
    one("str_65536", "s".repeat(65536));
    WRITTEN.put("no_values", LuaValues.NONE);
  }

  private static void one(String name, Object value) {
    WRITTEN.put(name, LuaValues.ofAll(Collections.singletonList(value)));
  }

  static Stream<JsonObject> encodings() {
    return Vectors.seri().getJsonArray("encode").stream().map(JsonObject.class::cast);
  }

  static Stream<JsonObject> probes() {
    return Vectors.seri().getJsonArray("decode_probes").stream().map(JsonObject.class::cast);
  }

  @Test
  void theFixtureIsWholeAndEachOfItsValuesIsWrittenHere() {
    assertEquals(45, encodings().count());
    assertEquals(3, Vectors.seri().getJsonArray("encode_errors").size());
    assertEquals(15, probes().count());
    assertEquals(
        encodings().map(each -> each.getString("name")).sorted().toList(),
        WRITTEN.keySet().stream().sorted().toList());
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void writesWhatSkynetWrites(JsonObject expected) {
    Buffer packed = LuaSeri.pack(WRITTEN.get(expected.getString("name")));

    if (expected.containsKey("hex")) {
      assertEquals(expected.getString("hex"), Vectors.hex(packed));
    } else {
      assertEquals(expected.getInteger("total_length"), packed.length());
      assertTrue(Vectors.hex(packed).startsWith(expected.getString("head_hex")));
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void readsWhatSkynetWrites(JsonObject expected) {
    if (!expected.containsKey("hex")) {
      LuaValues known = WRITTEN.get(expected.getString("name"));
      assertEquals(known, LuaSeri.unpack(LuaSeri.pack(known)));
      return;
    }
    LuaValues values = LuaSeri.unpack(Vectors.bytes(expected.getString("hex")));

    assertTrue(
        Vectors.describesAll(expected.getJsonArray("decoded"), values.asList()),
        () -> expected.encode() + " read as " + values.asList());
    assertEquals(WRITTEN.get(expected.getString("name")), values);
    assertEquals(expected.getString("hex"), Vectors.hex(LuaSeri.pack(values)));
  }

  @Test
  void refusesWhatSkynetRefuses() {
    Runnable function = () -> {};
    refuses("function", () -> LuaValues.of(function));
    refuses("depth33_leaf", () -> LuaSeri.pack(LuaValues.of(nested(List.of(1), 32))));
    refuses("depth34_empty_inner", () -> LuaSeri.pack(LuaValues.of(nested(List.of(), 33))));
  }

  private static void refuses(String name, Runnable packing) {
    assertTrue(
        Vectors.seri().getJsonArray("encode_errors").stream()
            .anyMatch(each -> ((JsonObject) each).getString("name").equals(name)));
    assertThrows(CodecException.class, packing::run, name);
  }

  private static Object nested(Object leaf, int times) {
    Object table = leaf;
    for (int i = 0; i < times; i++) {
      table = Arrays.asList(table);
    }
    return table;
  }

  @ParameterizedTest
  @MethodSource("probes")
  void readsAndRefusesAsSkynetDoes(JsonObject probe) {
    Buffer bytes = Vectors.bytes(probe.getString("hex"));
    String[] said = probe.getString("skynet_unpack").split(" \\| ");

    if (said[0].equals("boolean:false")) {
      CodecException refused = assertThrows(CodecException.class, () -> LuaSeri.unpack(bytes));
      assertTrue(refused.getMessage().matches(".* at offset \\d+\\)"), refused.getMessage());
      return;
    }
    List<Object> expected = new ArrayList<>();
    for (int i = 1; i < said.length; i++) {
      expected.add(value(said[i]));
    }
    assertEquals(expected, LuaSeri.unpack(bytes).asList());
  }

  private static Object value(String described) {
    String text = described.substring(described.indexOf(':') + 1);
    return switch (described.substring(0, described.indexOf(':'))) {
      case "nil" -> null;
      case "boolean" -> Boolean.valueOf(text);
      case "integer" -> Long.valueOf(text);
      case "float" -> Double.valueOf(text);
      case "string" -> LuaString.of(text);
      case "table" -> LuaTable.ofArray(5);
      case "userdata" -> new LuaPointer(0x0807060504030201L);
      default -> throw new AssertionError(described);
    };
  }

  @Test
  void readsANegativeArrayLengthAsNone() {
    assertEquals(
        LuaValues.of(Map.of("a", 1)), LuaSeri.unpack(Vectors.bytes("fe22ffffffff0c610a0100")));
  }

  @Test
  void letsAPairReplaceAValueOfTheSequence() {
    assertEquals(
        LuaValues.of(List.of(1, 9)), LuaSeri.unpack(Vectors.bytes("160a010a02" + "0a020a0900")));
  }

  @Test
  void trustsNoCount() {
    for (String hex : List.of("fe22ffffff7f", "fe32ffffffffffffff7f0a01", "25ffffffff41")) {
      assertThrows(CodecException.class, () -> LuaSeri.unpack(Vectors.bytes(hex)), hex);
    }
  }

  @Test
  void boundsHowManyTablesAreInEachOther() {
    assertEquals(1, LuaSeri.unpack(tables(64)).size());
    assertThrows(CodecException.class, () -> LuaSeri.unpack(tables(65)));
    assertThrows(CodecException.class, () -> LuaSeri.unpack(tables(1_000_000)));
  }

  private static Buffer tables(int count) {
    byte[] bytes = new byte[3 * count];
    Arrays.fill(bytes, 0, count, (byte) 0x0e);
    bytes[count] = 0x01;
    return Buffer.buffer(Arrays.copyOf(bytes, 2 * count + 1));
  }
}
