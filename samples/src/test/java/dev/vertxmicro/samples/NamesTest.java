// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {

  @Test
  void takesTheNamesAsTheyAre() {
    List<String> names = Names.of("Ada Lovelace", "\u00c6r\u00f8", "\u6f22\u5b57", "\ud83d\ude00");

    assertEquals(List.of("Ada Lovelace", "\u00c6r\u00f8", "\u6f22\u5b57", "\ud83d\ude00"), names);
  }

  @Test
  void hasNamesWhenNoneAreGiven() {
    assertFalse(Names.of().isEmpty());
  }

  @Test
  void refusesTooManyNames() {
    String[] most = Collections.nCopies(Names.MOST_NAMES, "Ada").toArray(new String[0]);
    String[] more = Collections.nCopies(Names.MOST_NAMES + 1, "Ada").toArray(new String[0]);

    assertEquals(Names.MOST_NAMES, Names.of(most).size());
    assertEquals("names: 51 (expected: at most 50)", refusal(more));
  }

  @Test
  void refusesANameThatIsTooLongAndSaysWhich() {
    String longest = "\ud83d\ude00".repeat(Names.MOST_CHARACTERS);

    assertEquals(List.of(longest), Names.of(longest));
    assertEquals(
        "name 2: 1,001 characters (expected: at most 1,000)", refusal("Ada", longest + "!"));
  }

  @Test
  void refusesABlankName() {
    assertEquals("name 1: blank (expected: something to greet)", refusal(" \t"));
    assertEquals("name 2: blank (expected: something to greet)", refusal("Ada", ""));
  }

  @Test
  void showsALongNameShortenedAndOnOneLine() {
    assertEquals("a?b?[31m", Names.shown("a\nb\u001b[31m"));
    assertEquals("x".repeat(40), Names.shown("x".repeat(40)));
    assertEquals("x".repeat(40) + "... (1,000 characters)", Names.shown("x".repeat(1_000)));
  }

  private static String refusal(String... names) {
    return assertThrows(IllegalArgumentException.class, () -> Names.of(names)).getMessage();
  }
}
