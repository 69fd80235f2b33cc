// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.OptionsContract;
import java.util.stream.Stream;

class SkynetServerOptionsTest extends OptionsContract<SkynetServerOptions> {

  SkynetServerOptionsTest() {
    super(SkynetServerOptions.class);
  }

  @Override
  protected SkynetServerOptions changed() {
    return new SkynetServerOptions()
        .setHost("::1")
        .setMaxConnections(3)
        .setMaxOpenPerConnection(4)
        .setMaxRequestBytes(50_000)
        .setMaxPartsBytes(60_000)
        .setMaxUnwrittenBytes(5_000);
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("host", " ", "not blank"),
        new BadValue("maxConnections", 0, "1 to"),
        new BadValue("maxOpenPerConnection", 0, "1 to"),
        new BadValue("maxRequestBytes", 32_767, "32768 to"),
        new BadValue("maxPartsBytes", 0, "32768 to"),
        new BadValue("maxUnwrittenBytes", 0, "1024 to"));
  }
}
