// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RestOptionsTest extends OptionsContract<RestOptions> {

  RestOptionsTest() {
    super(RestOptions.class);
  }

  @Override
  protected RestOptions changed() {
    return new RestOptions()
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setMaxHeaderBytes(7_000)
        .setMaxQueuedPerNode(7)
        .setMaxStreamsPerNode(8)
        .setIdleTimeout(Duration.ofSeconds(9))
        .setUserAgent("other/1");
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("maxHeaderBytes", 1_023, "1024 to"),
        new BadValue("maxQueuedPerNode", 0, "1 to"),
        new BadValue("maxStreamsPerNode", 0, "1 to"),
        new BadValue("idleTimeout", 0, "above zero"),
        new BadValue("userAgent", "a\nb", "printable ASCII"));
  }

  @Test
  void thePasswordIsInEqualsAndNowhereElse() {
    RestOptions options = new RestOptions().addBasicAuth("anna", "very secret");

    assertEquals(options, new RestOptions(options));
    assertNotEquals(new RestOptions(), options);
    assertFalse(options.toString().contains("secret"));
    assertFalse(options.toString().contains(RestOptions.basic("anna", "very secret")));
    assertEquals(new RestOptions().toJson(), options.toJson());
    assertThrows(IllegalArgumentException.class, () -> RestOptions.basic("an:na", "x"));
  }

  @Test
  void aNodeMayHaveTlsOptionsOfItsOwn() {
    RestOptions options = new RestOptions().addSsl("a:1", new ClientSSLOptions().setTrustAll(true));

    assertEquals(options, new RestOptions(options));
    assertEquals(true, options.prefersTls("a:1"));
    assertEquals(false, options.prefersTls("b:1"));
    assertEquals(true, options.tls("a:1").isTrustAll());
    assertEquals("HTTPS", options.tls("a:1").getHostnameVerificationAlgorithm());
    assertEquals(false, options.tls("b:1").isTrustAll());
  }
}
