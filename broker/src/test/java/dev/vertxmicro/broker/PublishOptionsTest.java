// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PublishOptionsTest extends OptionsContract<PublishOptions> {

  PublishOptionsTest() {
    super(PublishOptions.class);
  }

  @Override
  protected PublishOptions changed() {
    return new PublishOptions()
        .setTimeout(Duration.ofMillis(5))
        .setRetries(7)
        .setIdempotent(true)
        .setExchange("other");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("timeout", 0, "above zero"),
        new BadValue("timeout", -1, "zero or more"),
        new BadValue("retries", -1, "0 to 1000"),
        new BadValue("exchange", " ", "not blank"));
  }

  @Test
  void eachOptionSetsItsProperty() {
    PublishOptions options = new PublishOptions();

    PublishOption.timeout(Duration.ofMillis(5)).apply(options);
    PublishOption.retries(7).apply(options);
    PublishOption.idempotent().apply(options);
    PublishOption.exchange("other").apply(options);

    assertEquals(changed(), options);
  }
}
