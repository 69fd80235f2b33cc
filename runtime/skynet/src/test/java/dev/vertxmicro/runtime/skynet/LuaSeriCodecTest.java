// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecContract;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LuaSeriCodecTest extends CodecContract {

  private static final LuaString BINARY = LuaString.of(Buffer.buffer(new byte[] {-1, -2, 0, -128}));

  @Override
  protected Codec codec() {
    return new LuaSeriCodec();
  }

  @Override
  protected Stream<Sample<?>> samples() {
    return Stream.of(
        Sample.of(LuaValues.NONE, LuaValues.class),
        Sample.of(LuaValues.of("SET", "key", null, 4.5, List.of(1, 2)), LuaValues.class),
        Sample.of("text \u4f60 " + "long".repeat(20_000), String.class),
        Sample.of(BINARY, LuaString.class),
        Sample.of(Long.MIN_VALUE, Long.class),
        Sample.of(7, Integer.class),
        Sample.of((short) -7, Short.class),
        Sample.of((byte) 7, Byte.class),
        Sample.of(0.5, Double.class),
        Sample.of(0.5f, Float.class),
        Sample.of(true, Boolean.class),
        Sample.of(LuaTable.of(List.of(1), Map.of("k", "v")), LuaTable.class),
        new Sample<>(List.of("a", "b"), new TypeRef<List<String>>() {}),
        new Sample<>(
            Map.of("a", List.of(1), "b", List.of()), new TypeRef<Map<String, List<Integer>>>() {}),
        new Sample<>(Optional.of("x"), new TypeRef<Optional<String>>() {}),
        new Sample<>(Optional.empty(), new TypeRef<Optional<String>>() {}));
  }

  @Override
  protected Stream<Object> foreignValues() {
    return Stream.of(new Date(0), new int[] {1}, 'c');
  }

  @Override
  protected Stream<Malformed> malformed() {
    return Stream.of(
        new Malformed(Vectors.bytes("07070707"), TypeRef.of(Object.class)),
        new Malformed(Vectors.bytes("fc41424344"), TypeRef.of(String.class)),
        new Malformed(Vectors.bytes("24fffe0080"), TypeRef.of(String.class)),
        new Malformed(Vectors.bytes("2241424344"), TypeRef.of(Short.class)),
        new Malformed(Vectors.bytes("42000000000000f03f"), TypeRef.of(Long.class)),
        new Malformed(Vectors.bytes("00"), TypeRef.of(Object.class)),
        new Malformed(Vectors.bytes(""), TypeRef.of(String.class)));
  }

  @Test
  void isFoundUnderItsContentType() {
    assertTrue(Codecs.standard().get("application/x-lua-seri; any=thing") instanceof LuaSeriCodec);
  }

  @Test
  void leavesBytesToTheCodecOfBytes() {
    assertFalse(codec().handles(byte[].class));
    assertFalse(codec().handles(Buffer.class));
  }

  @Test
  void tellsNoValuesFromOneNil() {
    assertEquals(0, read("", LuaValues.class).size());
    assertEquals(1, read("00", LuaValues.class).size());
    assertNull(read("00", LuaValues.class).get(0));
  }

  @Test
  void takesTheFirstOfSeveralValues() {
    assertEquals(1L, read("0a010a02", Long.class));
  }

  @Test
  void makesADoubleOfAnIntegerThatItCanHold() {
    assertEquals(3.0, read("0a03", Double.class));
    Buffer large = LuaSeri.pack(LuaValues.of((1L << 53) + 1));
    assertThrows(CodecException.class, () -> codec().decode(large, TypeRef.of(Double.class)));
  }

  @Test
  void keepsIntegersAndFloatsApart() {
    assertEquals(List.of(1L, 1.0), LuaSeri.unpack(LuaSeri.pack(LuaValues.of(1, 1.0))).asList());
  }

  @Test
  void keepsBytesThatAreNoText() {
    LuaString read = read("24fffe0080", LuaString.class);

    assertArrayEquals(new byte[] {-1, -2, 0, -128}, read.bytes());
    assertFalse(read.isUtf8());
    assertEquals("24fffe0080", Vectors.hex(codec().encode(read)));
    assertThrows(IllegalStateException.class, read::text);
  }

  @Test
  void readsBytesInsideOfAList() {
    Buffer packed = codec().encode(List.of(new byte[] {1, 2}));

    List<byte[]> read = codec().decode(packed, new TypeRef<List<byte[]>>() {});

    assertArrayEquals(new byte[] {1, 2}, read.get(0));
  }

  @Test
  void doesNotChangeWithWhatItWasMadeOf() {
    List<Object> changing = new ArrayList<>(List.of("before"));
    LuaValues values = LuaValues.of(changing);

    changing.set(0, "after");

    assertEquals(LuaValues.of(List.of("before")), values);
  }

  @Test
  void findsValuesOfATableByKey() {
    LuaTable table = LuaTable.of(Arrays.asList("first", null), Map.of("name", "x", 2.0, "second"));

    assertEquals(LuaString.of("first"), table.get(1));
    assertEquals(LuaString.of("second"), table.get(2L));
    assertEquals(LuaString.of("x"), table.get("name"));
    assertNull(table.get(3));
    assertEquals(3, table.asMap().size());
    assertThrows(IllegalStateException.class, table::asList);
  }

  @Test
  void refusesKeysThatLuaDoesNotTake() {
    assertThrows(CodecException.class, () -> LuaTable.ofHash(Map.of(Double.NaN, 1)));
    assertThrows(
        CodecException.class, () -> LuaTable.ofHash(java.util.Collections.singletonMap(null, 1)));
  }

  private static <T> T read(String hex, Class<T> type) {
    return new LuaSeriCodec().decode(Vectors.bytes(hex), TypeRef.of(type));
  }
}
