// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;

class WebSocketOptionsTest extends OptionsContract<WebSocketOptions> {

  WebSocketOptionsTest() {
    super(WebSocketOptions.class);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected WebSocketOptions changed() {
    return new WebSocketOptions()
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setPath("/cluster")
        .setMaxMessageBytes(2_048)
        .setMaxQueuedPerNode(7)
        .setMaxQueuedBytes(7_000)
        .setMaxOpenPerNode(8)
        .setMaxUnwrittenBytes(4_096)
        .setMaxBufferedEvents(9)
        .setMaxBufferedBytes(9_000)
        .setMaxHeldEvents(10)
        .setHoldTimeout(Duration.ofSeconds(1))
        .setPingInterval(Duration.ofSeconds(2))
        .setCloseTimeout(Duration.ofSeconds(3))
        .setIdleTimeout(Duration.ofSeconds(9))
        .setBackoff(Duration.ofMillis(4))
        .setMaxBackoff(Duration.ofMillis(5));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("path", "cluster", "begins with a slash"),
        new BadValue("maxMessageBytes", 1_023, "1024 to"),
        new BadValue("maxQueuedPerNode", 0, "1 to"),
        new BadValue("maxQueuedBytes", 0, "1 to"),
        new BadValue("maxOpenPerNode", -1, "1 to"),
        new BadValue("maxUnwrittenBytes", 1_023, "1024 to"),
        new BadValue("maxBufferedEvents", 0, "1 to"),
        new BadValue("maxBufferedBytes", 1_023, "1024 to"),
        new BadValue("maxHeldEvents", 0, "1 to"),
        new BadValue("holdTimeout", 0, "above zero"),
        new BadValue("pingInterval", -1, "zero or more"),
        new BadValue("closeTimeout", 0, "above zero"),
        new BadValue("idleTimeout", 0, "above zero"),
        new BadValue("backoff", -1, "zero or more"),
        new BadValue("maxBackoff", -1, "zero or more"));
  }
}
