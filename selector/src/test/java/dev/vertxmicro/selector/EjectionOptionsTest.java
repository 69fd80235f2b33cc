// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;

class EjectionOptionsTest extends OptionsContract<EjectionOptions> {

  EjectionOptionsTest() {
    super(EjectionOptions.class);
  }

  @Override
  protected EjectionOptions changed() {
    return new EjectionOptions()
        .setEnabled(false)
        .setConsecutiveFailures(7)
        .setConnectionFailures(3)
        .setInterval(Duration.ofSeconds(7))
        .setMinCalls(70)
        .setMinNodes(7)
        .setBaseEjectionTime(Duration.ofSeconds(70))
        .setMaxEjectionTime(Duration.ofMinutes(7))
        .setMaxEjectedShare(0.7)
        .setPanicThreshold(0.3);
  }

  @Override
  protected Stream<BadValue> badValues() {
    long day = Duration.ofDays(1).toMillis();
    return Stream.of(
        new BadValue("consecutiveFailures", -1, "0 to 255"),
        new BadValue("consecutiveFailures", 256, "0 to 255"),
        new BadValue("connectionFailures", -1, "0 to 255"),
        new BadValue("connectionFailures", 256, "0 to 255"),
        new BadValue("interval", 99, "PT0.1S to PT24H"),
        new BadValue("interval", day + 1, "PT0.1S to PT24H"),
        new BadValue("minCalls", -1, "0 to 1000000"),
        new BadValue("minCalls", 1_000_001, "0 to 1000000"),
        new BadValue("minNodes", 1, "2 to 1000000"),
        new BadValue("minNodes", 1_000_001, "2 to 1000000"),
        new BadValue("baseEjectionTime", 0, "PT0.001S to PT24H"),
        new BadValue("baseEjectionTime", day + 1, "PT0.001S to PT24H"),
        new BadValue("maxEjectionTime", 0, "PT0.001S to PT24H"),
        new BadValue("maxEjectionTime", day + 1, "PT0.001S to PT24H"),
        new BadValue("maxEjectedShare", -0.1, "0.0 to 1.0"),
        new BadValue("maxEjectedShare", 1.1, "0.0 to 1.0"),
        new BadValue("panicThreshold", -0.1, "0.0 to 1.0"),
        new BadValue("panicThreshold", 1.1, "0.0 to 1.0"));
  }
}
