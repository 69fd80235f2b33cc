// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemanticVersionTest {

  private static SemanticVersion version(String text) {
    SemanticVersion version = SemanticVersion.parse(text);
    assertNotNull(version, text);
    return version;
  }

  @Test
  void ordersAsTheSpecificationsExamplesDo() {
    List<String> ascending =
        List.of(
            "0.0.0-0",
            "0.0.0",
            "0.9.10",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-99999999999999999999",
            "1.0.0-100000000000000000000",
            "1.0.0--",
            "1.0.0-0a",
            "1.0.0-A",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2.0",
            "1.10.0",
            "2.0.0",
            "999999999999999999.0.0");

    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertEquals(
            Integer.compare(i, j),
            Integer.signum(version(ascending.get(i)).compareTo(version(ascending.get(j)))),
            ascending.get(i) + " and " + ascending.get(j));
      }
    }
  }

  @Test
  void buildMetadataAndALeadingVSayNothing() {
    assertEquals(version("1.2.3-rc.1"), version("v1.2.3-rc.1+sha.5114f85"));
    assertEquals(version("1.2.3"), version("1.2.3+001--.x"));
    assertEquals("1.2.3-rc.1", version("v1.2.3-rc.1+b").toString());
    assertEquals("1.2.3", version("1.2.3").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "latest",
        "1",
        "1.2",
        "1.2.x",
        "1.2.3.4",
        "01.2.3",
        "1.02.3",
        "1.2.03",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-a..b",
        "1.2.3-a.",
        "1.2.3+",
        "1.2.3+a..b",
        "1.2.3 ",
        " 1.2.3",
        "V1.2.3",
        "vv1.2.3",
        "1.2.3-ä",
        "-1.2.3",
        "1.2.3-a+b+c",
        "1000000000000000000.0.0",
        "١.٢.٣"
      })
  void whatTheSpecificationDoesNotAllowIsNoVersion(String text) {
    assertNull(SemanticVersion.parse(text));
  }

  @Test
  void veryLongTextIsNoVersion() {
    assertTrue(version("1.2.3-" + "a".repeat(250)).isPreRelease());
    assertNull(SemanticVersion.parse("1.2.3-" + "a".repeat(251)));
    assertNull(SemanticVersion.parse("1.2.3-" + "0a.-".repeat(1_000_000)));
  }
}
