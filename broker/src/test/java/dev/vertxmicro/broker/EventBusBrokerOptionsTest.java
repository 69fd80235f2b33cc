// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;

class EventBusBrokerOptionsTest extends OptionsContract<EventBusBrokerOptions> {

  EventBusBrokerOptionsTest() {
    super(EventBusBrokerOptions.class);
  }

  @Override
  protected EventBusBrokerOptions changed() {
    return new EventBusBrokerOptions()
        .setAddressPrefix("other:")
        .setGroupsAge(Duration.ofMillis(5))
        .setCloseTimeout(Duration.ofMillis(6));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("addressPrefix", " ", "not blank"),
        new BadValue("groupsAge", 0, "PT0.001S to PT1M"),
        new BadValue("closeTimeout", -1, "zero or more"));
  }
}
