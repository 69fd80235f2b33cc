// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;

class MucpOptionsTest extends OptionsContract<MucpOptions> {

  MucpOptionsTest() {
    super(MucpOptions.class);
  }

  @Override
  protected MucpOptions changed() {
    return new MucpOptions()
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setMaxHeaderBytes(9_000)
        .setMaxQueuedPerNode(5)
        .setMaxStreamsPerNode(6)
        .setIdleTimeout(Duration.ofSeconds(50))
        .setEndTimeout(Duration.ofSeconds(7))
        .setStreamIdOnCalls(false)
        .setUserAgent("other/2");
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("maxHeaderBytes", 1_023, "1024 to"),
        new BadValue("maxHeaderBytes", 16_777_217, "to 16777216"),
        new BadValue("maxQueuedPerNode", 0, "1 to"),
        new BadValue("maxStreamsPerNode", 0, "1 to"),
        new BadValue("idleTimeout", 0, "above zero"),
        new BadValue("endTimeout", 0, "above zero"),
        new BadValue("userAgent", "", "printable ASCII"),
        new BadValue("userAgent", "caf\u00e9", "printable ASCII"));
  }
}
