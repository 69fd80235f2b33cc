// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;

class CachingOptionsTest extends OptionsContract<CachingOptions> {

  CachingOptionsTest() {
    super(CachingOptions.class);
  }

  @Override
  protected CachingOptions changed() {
    return new CachingOptions()
        .setTtl(Duration.ofSeconds(7))
        .setMaxStale(Duration.ofMinutes(7))
        .setGrace(Duration.ofSeconds(70))
        .setSnapshotFile("nodes.json")
        .setLookUpTimeout(Duration.ofMillis(700))
        .setIdleTimeout(Duration.ofMinutes(70))
        .setMaxServices(7);
  }

  @Override
  protected Stream<BadValue> badValues() {
    long year = Duration.ofDays(365).toMillis();
    return Stream.of(
        new BadValue("ttl", 999, "PT1S to PT8760H"),
        new BadValue("ttl", year + 1, "PT1S to PT8760H"),
        new BadValue("maxStale", -1, "PT0S to PT8760H"),
        new BadValue("maxStale", year + 1, "PT0S to PT8760H"),
        new BadValue("grace", -1, "PT0S to PT8760H"),
        new BadValue("grace", year + 1, "PT0S to PT8760H"),
        new BadValue("snapshotFile", " ", "a path"),
        new BadValue("lookUpTimeout", 0, "PT0.001S to PT8760H"),
        new BadValue("lookUpTimeout", year + 1, "PT0.001S to PT8760H"),
        new BadValue("idleTimeout", 999, "PT1S to PT8760H"),
        new BadValue("idleTimeout", year + 1, "PT1S to PT8760H"),
        new BadValue("maxServices", 0, "at least 1"));
  }
}
