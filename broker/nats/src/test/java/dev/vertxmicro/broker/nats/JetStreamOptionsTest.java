// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.codec.OptionsContract;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

class JetStreamOptionsTest extends OptionsContract<JetStreamOptions> {

  JetStreamOptionsTest() {
    super(JetStreamOptions.class);
  }

  @Override
  protected JetStreamOptions changed() {
    return new JetStreamOptions()
        .setStream("mine")
        .setSubjects(List.of("a", "b.>"))
        .setStorage(JetStreamOptions.Storage.MEMORY)
        .setReplicas(3)
        .setMaxAge(Duration.ofMillis(4))
        .setStart(JetStreamOptions.Start.ALL)
        .setAckWait(Duration.ofMillis(500))
        .setInactiveThreshold(Duration.ofSeconds(6))
        .setDeadLetterTopic("dead")
        .setMessageIds(true);
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("stream", "a.b", "no blanks, dots"),
        new BadValue("replicas", 0, "1 to 5"),
        new BadValue("maxAge", -1, "zero or more"),
        new BadValue("ackWait", 99, "PT0.1S to PT24H"),
        new BadValue("inactiveThreshold", 999, "PT1S to"),
        new BadValue("deadLetterTopic", "", "not blank"),
        new BadValue("storage", "TAPE", "one of"),
        new BadValue("start", "MIDDLE", "one of"));
  }
}
