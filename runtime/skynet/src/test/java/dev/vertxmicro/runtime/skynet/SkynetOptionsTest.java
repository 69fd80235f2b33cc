// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;

class SkynetOptionsTest extends OptionsContract<SkynetOptions> {

  SkynetOptionsTest() {
    super(SkynetOptions.class);
  }

  @Override
  protected SkynetOptions changed() {
    return new SkynetOptions()
        .setMaxQueuedPerNode(7)
        .setMaxQueuedBytes(7_000)
        .setMaxOpenPerNode(8)
        .setMaxUnwrittenBytes(4_096)
        .setIdleTimeout(Duration.ofSeconds(9))
        .setOnAddressChange(AddressChange.DRAIN)
        .setTraceHeader("x-trace");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("maxQueuedPerNode", 0, "1 to"),
        new BadValue("maxQueuedBytes", 0, "1 to"),
        new BadValue("maxOpenPerNode", -1, "1 to"),
        new BadValue("maxUnwrittenBytes", 1_023, "1024 to"),
        new BadValue("idleTimeout", 0, "above zero"),
        new BadValue("traceHeader", " ", "not blank"));
  }
}
