// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {

  private static final Node NODE = Node.of("a", "127.0.0.1:1");

  private static boolean keeps(String range, String version) {
    Service service = Service.builder("greeter").version(version).node(NODE).build();
    return Filter.versionRange(range).keeps(service, NODE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // range; kept; not kept
        "1.2.3; 1.2.3 v1.2.3 1.2.3+b; 1.2.4 1.2.2 1.2.3-rc.1",
        "=1.2.3; 1.2.3; 1.2.4",
        "v1.2.3+b; 1.2.3; 1.2.4",
        "1.2.3-rc.1; 1.2.3-rc.1; 1.2.3 1.2.3-rc.2",
        "*; 0.0.0 1.2.3 999.0.0; 1.0.0-rc.1 0.0.0-0",
        "x; 0.0.0 1.2.3; 1.0.0-rc.1",
        "1; 1.0.0 1.99.9; 0.9.9 2.0.0 1.0.0-rc.1 2.0.0-rc.1",
        "1.x; 1.0.0 1.99.9; 0.9.9 2.0.0 2.0.0-0",
        "1.X.*; 1.0.0 1.99.9; 0.9.9 2.0.0",
        "=1.2; 1.2.0 1.2.9; 1.3.0 1.1.9",
        "1.2.x; 1.2.0 1.2.9; 1.3.0 1.1.9 1.3.0-0",
        "~1.2.3; 1.2.3 1.2.9; 1.2.2 1.3.0 1.3.0-rc.1 1.2.4-rc.1",
        "~1.2; 1.2.0 1.2.9; 1.1.9 1.3.0",
        "~1; 1.0.0 1.9.9; 0.9.9 2.0.0",
        "~0; 0.0.0 0.9.9; 1.0.0",
        "~*; 0.0.0 9.9.9; 9.9.9-rc.1",
        "~1.2.3-beta.2; 1.2.3-beta.2 1.2.3-beta.4 1.2.3 1.2.9; 1.2.3-beta.1 1.2.4-beta.2 1.3.0",
        "^1.2.3; 1.2.3 1.9.0; 1.2.2 2.0.0 2.0.0-rc.1 1.3.0-rc.1",
        "^0.2.3; 0.2.3 0.2.9; 0.2.2 0.3.0 1.0.0",
        "^0.0.3; 0.0.3; 0.0.2 0.0.4 0.0.4-0 0.1.0",
        "^0.0.3-beta; 0.0.3-beta 0.0.3-pr.2 0.0.3; 0.0.3-alpha 0.0.4",
        "^1.2.3-beta.2; 1.2.3-beta.2 1.2.3 1.3.0; 1.2.4-beta.2 2.0.0 1.2.3-beta",
        "^1.2; 1.2.0 1.9.9; 1.1.9 2.0.0",
        "^1.2.x; 1.2.0 1.9.9; 1.1.9 2.0.0",
        "^0.0.x; 0.0.0 0.0.9; 0.1.0",
        "^0.0; 0.0.0 0.0.9; 0.1.0",
        "^1.x; 1.0.0 1.9.9; 0.9.9 2.0.0",
        "^0.x; 0.0.0 0.9.9; 1.0.0",
        "^0; 0.0.0 0.9.9; 1.0.0",
        "^*; 0.0.0 9.9.9; 1.0.0-rc.1",
        ">1.2.3; 1.2.4 2.0.0; 1.2.3 1.2.3-rc.1 1.2.4-rc.1",
        ">1.2; 1.3.0 2.0.0; 1.2.9 1.3.0-rc.1",
        ">1; 2.0.0; 1.9.9 2.0.0-rc.1",
        ">*; ; 0.0.0 9.9.9 0.0.0-0",
        "<*; ; 0.0.0 9.9.9 0.0.0-0",
        ">=*; 0.0.0 9.9.9; 1.0.0-rc.1",
        "<=*; 0.0.0 9.9.9; 1.0.0-rc.1",
        ">=1.2; 1.2.0 2.0.0; 1.1.9 1.2.0-rc.1",
        ">= 1.2.3-rc.1; 1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.3.0; 1.2.3-beta 1.3.0-rc.1",
        ">=1.2 <2; 1.2.0 1.9.9; 2.0.0 2.0.0-rc.1 1.1.9",
        "<1.2.3; 1.2.2 0.0.0; 1.2.3 1.2.3-rc.1",
        "<1.2.3-rc.2; 1.2.2 1.2.3-rc.1; 1.2.3-rc.2 1.2.3 1.2.2-rc.1",
        "<1.2; 1.1.9; 1.2.0 1.2.0-rc.1",
        "<=1.2; 1.2.9 0.1.0; 1.3.0 1.3.0-rc.1",
        "<=1.2.3; 1.2.3; 1.2.4",
        "<=1; 1.9.9; 2.0.0 2.0.0-0",
        "1.2.3 - 2.3.4; 1.2.3 2.3.4; 1.2.2 2.3.5",
        "1.2 - 2.3.4; 1.2.0 2.3.4; 1.1.9 2.3.5",
        "1.2.3 - 2.3; 1.2.3 2.3.9; 2.4.0 2.4.0-rc.1",
        "1.2.3 - 2; 2.9.9; 3.0.0 3.0.0-rc.1",
        "*  -  2; 0.0.0 2.9.9; 3.0.0",
        "1.2.7 || >=1.2.9 <2.0.0; 1.2.7 1.2.9 1.4.6; 1.2.8 2.0.0",
        "'  ^1.2||^3.1  '; 1.2.0 3.1.0; 2.0.0 3.0.9",
        "1.2.3-rc.1 || >=2; 1.2.3-rc.1 2.0.0; 2.1.0-rc.1 1.2.3",
        ">1 <1; ; 0.9.0 1.0.0 2.0.0"
      })
  void keepsWhatNpmKeeps(String range, String kept, String notKept) {
    for (String version : kept == null ? new String[0] : kept.split(" ")) {
      assertTrue(keeps(range, version), range + " should keep " + version);
    }
    for (String version : notKept.split(" ")) {
      assertFalse(keeps(range, version), range + " should not keep " + version);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; 0; the end",
        "'  '; 2; the end",
        "^1.2 ||; 7; the end",
        "|| 1; 0; || 1",
        "1 | 2; 2; | 2",
        "latest; 0; latest",
        "^; 1; the end",
        ">=1.2 <<2; 7; <2",
        ">=1.2<2; 5; <2",
        "=>1.2; 1; >1.2",
        "~>1.2; 1; >1.2",
        "==1.2; 1; =1.2",
        "1.2.; 4; the end",
        "1..2; 2; .2",
        "1.2.3.4; 5; .4",
        "1.x.3; 4; 3",
        "*.1; 2; 1",
        "01.2; 0; 01.2",
        "1.2-rc.1; 3; -rc.1",
        "1.2.x-rc.1; 5; -rc.1",
        "1.2.3-; 6; the end",
        "1.2.3-01; 7; 1",
        "1.2.3+; 6; the end",
        "1.2.3 -; 6; -",
        "'1.2.3 - '; 8; the end",
        "1.2.3 -2; 6; -2",
        "1.2, 1.3; 3; ', 1.3'",
        "1\t2; 1; '\t2'",
        "1000000000000000000; 0; 1000000000000000000"
      })
  void badRangesAreRefusedAndSayWhere(String range, int position, String found) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Filter.versionRange(range));

    String message = refused.getMessage();
    assertTrue(
        message.startsWith(
            "versionRange: " + range + " has \"" + found + "\" at " + position + " (expected: "),
        message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", "", "1.2", "2026-11-21"})
  void versionsThatAreNotSemanticAreLeftOutWithAReason(String version) {
    Service service = Service.builder("greeter").version(version).node(NODE).build();
    Filter any = Filter.versionRange("*");

    assertFalse(any.keeps(service, NODE));
    assertEquals(
        "VersionRange[*]: version " + version + " is not semantic", any.reason(service, NODE));
  }

  @Test
  void semanticVersionsOutOfTheRangeAreLeftOutByTheRange() {
    Service service = Service.builder("greeter").version("1.2.3").node(NODE).build();

    assertEquals("VersionRange[^2 || 0.x]", Filter.versionRange("^2 || 0.x").reason(service, NODE));
  }

  @Test
  void equalRangesShareTheirResult() {
    assertEquals(Filter.versionRange("^1.2"), Filter.versionRange("^1.2"));
    assertEquals(Filter.versionRange("^1.2").hashCode(), Filter.versionRange("^1.2").hashCode());
    assertNotEquals(Filter.versionRange("^1.2"), Filter.versionRange("^1.3"));
  }

  @Test
  void anyTextIsReadOrRefused() {
    SplittableRandom random = new SplittableRandom(6);
    String letters = "0123456789.xX*v-+<>=~^| rc";
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length >= 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      try {
        Filter.versionRange(text.toString());
        read++;
      } catch (IllegalArgumentException refused) {
        assertTrue(refused.getMessage().startsWith("versionRange: "), refused.getMessage());
      }
    }

    assertTrue(read > 1_000, "only " + read + " were ranges");
  }
}
