// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.registry.CompositeOptions.Reading;
import dev.vertxmicro.registry.CompositeOptions.Writing;
import java.time.Duration;
import java.util.stream.Stream;

class CompositeOptionsTest extends OptionsContract<CompositeOptions> {

  CompositeOptionsTest() {
    super(CompositeOptions.class);
  }

  @Override
  protected CompositeOptions changed() {
    return new CompositeOptions()
        .setReading(Reading.UNION)
        .setWriting(Writing.ALL)
        .setMemberTimeout(Duration.ofMillis(700))
        .setMaxStale(Duration.ofMinutes(7))
        .setMaxServices(7);
  }

  @Override
  protected Stream<BadValue> badValues() {
    long year = Duration.ofDays(365).toMillis();
    return Stream.of(
        new BadValue("reading", "ALL", "one of [FAILOVER, UNION]"),
        new BadValue("writing", "UNION", "one of [FIRST, ALL]"),
        new BadValue("memberTimeout", 0, "PT0.001S to PT8760H"),
        new BadValue("memberTimeout", year + 1, "PT0.001S to PT8760H"),
        new BadValue("maxStale", -1, "PT0S to PT8760H"),
        new BadValue("maxStale", year + 1, "PT0S to PT8760H"),
        new BadValue("maxServices", 0, "1 to 1000000"));
  }
}
