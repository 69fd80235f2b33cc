// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.runtime.wrapper.ResponseCacheOptions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

class ResponseCacheOptionsTest extends OptionsContract<ResponseCacheOptions> {

  ResponseCacheOptionsTest() {
    super(ResponseCacheOptions.class);
  }

  @Override
  protected ResponseCacheOptions changed() {
    return new ResponseCacheOptions()
        .setTtl(Duration.ofSeconds(1))
        .setErrorTtl(Duration.ofSeconds(2))
        .setMaxEntries(3)
        .setMaxBytes(4_000)
        .setMaxEntryBytes(5)
        .setVaryBy(List.of("X-Tenant"));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("ttl", -1, "PT0S to PT8760H"),
        new BadValue("errorTtl", -1, "PT0S to PT8760H"),
        new BadValue("maxEntries", 0, "1 to"),
        new BadValue("maxBytes", 1_023, "1024 to"),
        new BadValue("maxEntryBytes", 0, "1 to"));
  }
}
