// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;

class MemoryBrokerOptionsTest extends OptionsContract<MemoryBrokerOptions> {

  MemoryBrokerOptionsTest() {
    super(MemoryBrokerOptions.class);
  }

  @Override
  protected MemoryBrokerOptions changed() {
    return new MemoryBrokerOptions().setCloseTimeout(Duration.ofMillis(5)).setMaxSubscriptions(6);
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("closeTimeout", -1, "zero or more"),
        new BadValue("maxSubscriptions", 0, "1 to 1000000"),
        new BadValue("maxSubscriptions", 1_000_001, "1 to 1000000"));
  }
}
