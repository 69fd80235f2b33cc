// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelectorOptionsTest extends OptionsContract<SelectorOptions> {

  SelectorOptionsTest() {
    super(SelectorOptions.class);
  }

  @Override
  protected SelectorOptions changed() {
    return new SelectorOptions()
        .setZone("east")
        .setZoneKey("region")
        .setSpillThreshold(0.5)
        .setPreferred(List.of("tier=gold", "note=a=b"))
        .setSubsetting(true)
        .setSubsetSize(20)
        .setOwnService("web")
        .setOwnNode("web-7")
        .setSlowStart(Duration.ofSeconds(30))
        .setSlowStartMinimum(0.25)
        .setSlowStartAggression(2)
        .setEjection(new EjectionOptions().setMinCalls(7));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("zoneKey", "", "not empty"),
        new BadValue("spillThreshold", -0.1, "0 to 1"),
        new BadValue("spillThreshold", 1.1, "0 to 1"),
        new BadValue("subsetSize", -1, "0 to 1000000"),
        new BadValue("subsetSize", 1_000_001, "0 to 1000000"),
        new BadValue("slowStart", -1, "PT0.01S to PT24H"),
        new BadValue("slowStart", 9, "PT0.01S to PT24H"),
        new BadValue("slowStart", 86_400_001, "PT0.01S to PT24H"),
        new BadValue("slowStartMinimum", 0.0009, "0.001 to 1"),
        new BadValue("slowStartMinimum", 1.1, "0.001 to 1"),
        new BadValue("slowStartAggression", 0.09, "0.1 to 10"),
        new BadValue("slowStartAggression", 10.1, "0.1 to 10"));
  }

  @Test
  void labelsNeedAKey() {
    SelectorOptions options = new SelectorOptions();

    for (String label : List.of("gold", "=gold", "")) {
      assertEquals(
          "preferred: " + label + " (expected: key=value)",
          assertThrows(IllegalArgumentException.class, () -> options.setPreferred(List.of(label)))
              .getMessage());
    }
    assertEquals(List.of("a="), options.setPreferred(List.of("a=")).getPreferred());
  }

  @Test
  void labelsAreBounded() {
    SelectorOptions options = new SelectorOptions().setPreferred(Collections.nCopies(16, "a=b"));

    String refused =
        assertThrows(
                IllegalArgumentException.class,
                () -> options.setPreferred(Collections.nCopies(17, "a=b")))
            .getMessage();

    assertTrue(refused.endsWith(" (expected: at most 16)"), refused);
  }

  @Test
  void emptyNamesAreNone() {
    SelectorOptions options = changed().setZone("").setOwnService("").setOwnNode("");

    assertNull(options.getZone());
    assertNull(options.getOwnService());
    assertNull(options.getOwnNode());
  }

  @Test
  void numbersThatAreNoneAreRefused() {
    SelectorOptions options = new SelectorOptions();

    assertThrows(IllegalArgumentException.class, () -> options.setSpillThreshold(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> options.setSlowStartMinimum(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> options.setSlowStartAggression(Double.NaN));
  }

  @Test
  void ownNodeWithoutItsServiceIsRefused() {
    SelectorBuilder builder =
        Selector.builder(StaticRegistry.of("greeter", "127.0.0.1:1"), new FakeTimeSource());
    SelectorOptions options = new SelectorOptions().setOwnNode("web-7");
    builder.options(options).build();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> builder.options(options.setSubsetting(true)).build());

    assertEquals(
        "ownService: null, ownNode: web-7 (expected: both or none, with subsetting)",
        refused.getMessage());
  }
}
