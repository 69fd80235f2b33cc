// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataTest {

  private static final Metadata TWO = Metadata.of("Micro-Id", "1", "x-Trace", "a", "X-trace", "b");

  @Test
  void looksUpWithoutCaseAndKeepsTheCase() {
    assertEquals("1", TWO.get("micro-id"));
    assertEquals("a", TWO.get("X-TRACE"));
    assertEquals(List.of("a", "b"), TWO.getAll("x-trace"));
    assertTrue(TWO.contains("MICRO-ID"));
    assertEquals(List.of("Micro-Id", "x-Trace", "X-trace"), namesInOrder(TWO));
  }

  @Test
  void saysWhenThereIsNothing() {
    assertNull(TWO.get("absent"));
    assertEquals("else", TWO.get("absent", "else"));
    assertEquals("1", TWO.get("micro-id", "else"));
    assertEquals(List.of(), TWO.getAll("absent"));
    assertFalse(TWO.contains("absent"));
    assertTrue(Metadata.empty().isEmpty());
    assertEquals(0, Metadata.empty().size());
    assertSame(Metadata.empty(), Metadata.of());
    assertSame(Metadata.empty(), TWO.toBuilder().remove("micro-id").remove("x-trace").build());
  }

  @Test
  void countsEntriesAndListsNamesOnce() {
    assertEquals(3, TWO.size());
    assertEquals("[Micro-Id, x-Trace]", TWO.names().toString());
    assertTrue(TWO.names().contains("MICRO-ID"));
  }

  @Test
  void iteratesInOrder() {
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, String> entry : TWO) {
      pairs.add(entry.getKey() + "=" + entry.getValue());
    }
    Iterator<Map.Entry<String, String>> spent = Metadata.empty().iterator();

    assertEquals(List.of("Micro-Id=1", "x-Trace=a", "X-trace=b"), pairs);
    assertThrows(NoSuchElementException.class, spent::next);
  }

  @Test
  void takesAMapInItsOrder() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("z", "1");
    map.put("a", "2");

    assertEquals(Metadata.of("z", "1", "a", "2"), Metadata.of(map));
  }

  @Test
  void changesCopies() {
    assertEquals(Metadata.of("Micro-Id", "1", "X-TRACE", "c"), TWO.with("X-TRACE", "c"));
    assertEquals(4, TWO.plus("x-trace", "c").size());
    assertEquals(Metadata.of("Micro-Id", "1"), TWO.without("x-trace"));
    assertSame(TWO, TWO.without("absent"));
    assertEquals(3, TWO.size());
  }

  @Test
  void mergesWithOursReplacingTheBase() {
    Metadata base = Metadata.of("a", "1", "B", "2", "b", "3", "c", "4");
    Metadata ours = Metadata.of("b", "x", "d", "y", "B", "z");

    Metadata merged = ours.mergedOver(base);

    assertEquals(Metadata.of("a", "1", "c", "4", "b", "x", "d", "y", "B", "z"), merged);
    assertEquals(List.of("a", "c", "b", "d", "B"), namesInOrder(merged));
  }

  @Test
  void mergesWithNothingToItself() {
    assertSame(TWO, TWO.mergedOver(Metadata.empty()));
    assertSame(TWO, Metadata.empty().mergedOver(TWO));
    assertEquals(
        Metadata.of("a", "1", "b", "2"), Metadata.of("b", "2").mergedOver(Metadata.of("a", "1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a:b", ":status", "a\n", "é", "a(b", "a,b", "\u0001", "{"})
  void refusesNamesThatAreNoTokens(String name) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Metadata.of(name, "v"));

    assertTrue(refused.getMessage().startsWith("name: '" + name + "'"), refused.getMessage());
    assertFalse(Metadata.builder().addReceived(name, "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r", "\n", "a\0b"})
  void refusesValuesThatWouldSplitAHeaderAndDoesNotPrintThem(String value) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Metadata.of("x-key", value));

    assertTrue(refused.getMessage().startsWith("value of x-key: "), refused.getMessage());
    assertFalse(refused.getMessage().contains(value), refused.getMessage());
    assertFalse(Metadata.builder().addReceived("x-key", value));
  }

  @Test
  void refusesHalfAPair() {
    assertThrows(IllegalArgumentException.class, () -> Metadata.of("a", "1", "b"));
  }

  @Test
  void takesWhatAPeerMaySendAndLeavesTheRestOut() {
    Random random = new Random(11);
    Metadata.Builder builder = Metadata.builder();
    int taken = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] name = new byte[1 + random.nextInt(3)];
      byte[] value = new byte[random.nextInt(5)];
      random.nextBytes(name);
      random.nextBytes(value);
      taken += builder.addReceived(latin1(name), latin1(value)) ? 1 : 0;
    }

    Metadata received = builder.build();

    assertEquals(taken, received.size());
    assertTrue(taken > 500 && taken < 4_500, "both outcomes occur: " + taken);
    // Everything that was taken is legal: a second pass that throws on what is not accepts it.
    Metadata.Builder checked = Metadata.builder();
    received.forEach((name, value) -> checked.add(name, value));
    assertEquals(received, checked.build());
  }

  @Test
  void setsNothingIfTheNewEntryIsIllegal() {
    Metadata.Builder builder = Metadata.of("a", "1").toBuilder();

    assertThrows(IllegalArgumentException.class, () -> builder.set("a", "\n"));

    assertEquals(Metadata.of("a", "1"), builder.build());
  }

  @Test
  void buildsSeveralTimesWithoutSharing() {
    Metadata.Builder builder = Metadata.builder().add("a", "1");

    Metadata first = builder.build();
    Metadata second = builder.remove("A").add("b", "2").build();

    assertEquals(Metadata.of("a", "1"), first);
    assertEquals(Metadata.of("b", "2"), second);
  }

  @Test
  void growsWithItsEntries() {
    Metadata.Builder builder = Metadata.of("a", "0").toBuilder();
    for (int i = 1; i < 100; i++) {
      builder.add("a", "" + i).addAll(Metadata.of("b", "" + i));
    }

    Metadata all = builder.build();

    assertEquals(100, all.getAll("a").size());
    assertEquals("99", all.getAll("b").get(98));
    assertTrue(builder.contains("B"));
    assertFalse(builder.remove("b").contains("b"));
  }

  @Test
  void carriesBytesInBase64WithoutPadding() {
    byte[] bytes = {1, 2, 3, -1};
    Metadata metadata = Metadata.builder().addBinary("Trace-Bin", bytes).build();

    assertEquals("AQID/w", metadata.get("trace-bin"));
    assertArrayEquals(bytes, metadata.getBinary("trace-bin"));
    assertArrayEquals(bytes, Metadata.of("x-bin", "AQID/w==").getBinary("x-bin"));
    assertArrayEquals(bytes, Metadata.of("x-bin", "AQID/w==,AAAA").getBinary("x-bin"));
    assertNull(metadata.getBinary("other-bin"));
  }

  @Test
  void refusesBytesOfOtherNamesAndBase64ThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> TWO.getBinary("x-trace"));
    assertThrows(IllegalArgumentException.class, () -> TWO.getBinary("bin"));
    assertThrows(
        IllegalArgumentException.class, () -> Metadata.builder().addBinary("x", new byte[1]));
    IllegalArgumentException malformed =
        assertThrows(
            IllegalArgumentException.class,
            () -> Metadata.of("x-bin", "secret!").getBinary("x-bin"));

    assertEquals("x-bin: 7 characters (expected: Base64)", malformed.getMessage());
  }

  @Test
  void isEqualWithoutCaseOfNamesButWithOrder() {
    Metadata other = Metadata.of("MICRO-ID", "1", "X-Trace", "a", "x-trace", "b");

    assertEquals(TWO, other);
    assertEquals(TWO.hashCode(), other.hashCode());
    assertNotEquals(TWO, Metadata.of("Micro-Id", "1", "x-trace", "b", "x-trace", "a"));
    assertNotEquals(TWO, Metadata.of("Micro-Id", "1"));
  }

  @Test
  void printsNoValues() {
    assertEquals("Metadata[authorization]", Metadata.of("authorization", "Bearer x").toString());
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static List<String> namesInOrder(Metadata metadata) {
    List<String> names = new ArrayList<>();
    metadata.forEach((name, value) -> names.add(name));
    return names;
  }
}
