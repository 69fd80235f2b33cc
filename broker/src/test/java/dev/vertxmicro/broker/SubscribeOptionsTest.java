// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SubscribeOptionsTest extends OptionsContract<SubscribeOptions> {

  private static final Handler<Event> LOST = event -> {};

  SubscribeOptionsTest() {
    super(SubscribeOptions.class);
  }

  @Override
  protected SubscribeOptions changed() {
    return new SubscribeOptions()
        .setQueue("red")
        .setAckMode(AckMode.MANUAL)
        .setConcurrency(2)
        .setPrefetch(3)
        .setOverflow(Overflow.DROP_OLDEST)
        .setMaxDeliveries(4)
        .setRedeliveryDelay(Duration.ofMillis(5))
        .setAckTimeout(Duration.ofMillis(6))
        .setLossHandler(LOST);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("lossHandler");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("queue", "", "not blank"),
        new BadValue("ackMode", "NEVER", "ON_SUCCESS, MANUAL"),
        new BadValue("concurrency", 0, "1 to 10000"),
        new BadValue("concurrency", 10_001, "1 to 10000"),
        new BadValue("prefetch", 0, "1 to 1000000"),
        new BadValue("prefetch", 1_000_001, "1 to 1000000"),
        new BadValue("overflow", "WAIT", "REFUSE, DROP_NEWEST, DROP_OLDEST"),
        new BadValue("maxDeliveries", 0, "1 to 1000"),
        new BadValue("maxDeliveries", 1_001, "1 to 1000"),
        new BadValue("redeliveryDelay", -1, "zero or more"),
        new BadValue("ackTimeout", -1, "zero or more"));
  }

  @Test
  void eachOptionSetsItsProperty() {
    SubscribeOptions options = new SubscribeOptions();

    List.of(
            SubscribeOption.queue("red"),
            SubscribeOption.manualAck(),
            SubscribeOption.concurrency(2),
            SubscribeOption.prefetch(3),
            SubscribeOption.overflow(Overflow.DROP_OLDEST),
            SubscribeOption.maxDeliveries(4),
            SubscribeOption.redeliveryDelay(Duration.ofMillis(5)),
            SubscribeOption.ackTimeout(Duration.ofMillis(6)),
            SubscribeOption.onLoss(LOST))
        .forEach(option -> option.apply(options));

    assertEquals(changed(), options);
  }
}
