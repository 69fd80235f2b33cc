// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EtcdOptionsTest extends OptionsContract<EtcdOptions> {

  EtcdOptionsTest() {
    super(EtcdOptions.class);
  }

  @Override
  protected EtcdOptions changed() {
    return new EtcdOptions()
        .setEndpoints(List.of("https://etcd-1:2379", "etcd-2"))
        .setUser("ada")
        .setPassword("countess")
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setPrefix("/other")
        .setRequestTimeout(Duration.ofSeconds(7))
        .setSerializableReads(true)
        .setKeepAliveTime(Duration.ofSeconds(70))
        .setMaxBackoff(Duration.ofSeconds(77))
        .setMaxReplyBytes(1 << 20)
        .setMaxNodes(7);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    long day = Duration.ofDays(1).toMillis();
    return Stream.of(
        new BadValue("endpoints", new JsonArray(), "at least one"),
        new BadValue("prefix", "micro", "a path"),
        new BadValue("prefix", "/", "a path"),
        new BadValue("requestTimeout", 9, "PT0.01S to PT24H"),
        new BadValue("requestTimeout", day + 1, "PT0.01S to PT24H"),
        new BadValue("keepAliveTime", 4_999, "PT5S to PT24H"),
        new BadValue("keepAliveTime", day + 1, "PT5S to PT24H"),
        new BadValue("maxBackoff", 99, "PT0.1S to PT24H"),
        new BadValue("maxBackoff", day + 1, "PT0.1S to PT24H"),
        new BadValue("maxReplyBytes", 65_535, "65536 to 1073741824"),
        new BadValue("maxNodes", 0, "at least 1"));
  }

  @Test
  void aSlashAtTheEndOfThePrefixIsTakenOff() {
    assertEquals("/micro/registry", new EtcdOptions().setPrefix("/micro/registry/").getPrefix());
  }

  @Test
  void noKeepAliveIsAllowed() {
    assertEquals(
        Duration.ZERO, new EtcdOptions().setKeepAliveTime(Duration.ZERO).getKeepAliveTime());
  }

  @Test
  void thePasswordIsInJsonAndNotInText() {
    assertEquals("countess", changed().toJson().getString("password"));
    assertFalse(changed().toString().contains("countess"), changed().toString());
    assertTrue(changed().toString().contains("password=true"), changed().toString());
  }

  @Test
  void aPasswordOfAWrongTypeIsNotRepeated() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new EtcdOptions(new JsonObject().put("password", 4711)));

    assertFalse(refused.getMessage().contains("4711"), refused.getMessage());
  }

  @Test
  void aPasswordInAnEndpointIsRefusedAndNotRepeated() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new EtcdOptions().setEndpoints(List.of("http://ada:countess@etcd:2379")));

    assertTrue(refused.getMessage().startsWith("endpoints: "), refused.getMessage());
    assertFalse(refused.getMessage().contains("countess"), refused.getMessage());
  }

  @Test
  void anEmptyUserIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new EtcdOptions().setUser(""));
  }

  @Test
  void aPasswordWithoutAUserIsRefused() {
    Vertx vertx = Vertx.vertx();
    try {
      EtcdOptions options = new EtcdOptions().setPassword("countess");

      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> EtcdRegistry.create(vertx, options));
      assertFalse(refused.getMessage().contains("countess"), refused.getMessage());
    } finally {
      vertx.close();
    }
  }

  @Test
  void tlsChecksTheHostNameUnlessToldNotTo() {
    assertEquals("HTTPS", new EtcdOptions().tls().getHostnameVerificationAlgorithm());
    assertEquals("HTTPS", changed().tls().getHostnameVerificationAlgorithm());
    ClientSSLOptions lax = new ClientSSLOptions().setHostnameVerificationAlgorithm("");
    assertEquals("", new EtcdOptions().setSsl(lax).tls().getHostnameVerificationAlgorithm());
  }

  @Test
  void theSchemeDecidesAboutTlsAndWithoutOneTheOptions() {
    EtcdOptions plain = new EtcdOptions();
    EtcdOptions secure = new EtcdOptions().setSsl(new ClientSSLOptions());

    assertTrue(plain.isTls(EtcdAddress.parse("https://etcd")));
    assertFalse(plain.isTls(EtcdAddress.parse("etcd")));
    assertTrue(secure.isTls(EtcdAddress.parse("etcd")));
    assertFalse(secure.isTls(EtcdAddress.parse("http://etcd")));
  }
}
