// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConsulOptionsTest extends OptionsContract<ConsulOptions> {

  private static final String SECRET = "c0ffee00-secret";

  ConsulOptionsTest() {
    super(ConsulOptions.class);
  }

  @Override
  protected ConsulOptions changed() {
    return new ConsulOptions()
        .setAddresses(List.of("127.0.0.2:8501", "[::1]"))
        .setToken(SECRET)
        .setDatacenter("dc7")
        .setTls(true)
        .setCaFile("ca.pem")
        .setSsl(new ClientSSLOptions().setTrustAll(true))
        .setConnect(true)
        .setStale(false)
        .setTimeout(Duration.ofSeconds(7))
        .setWait(Duration.ofSeconds(70))
        .setTcpCheckInterval(Duration.ofSeconds(17))
        .setHttpCheck("http://{host}:8080/health")
        .setHttpCheckInterval(Duration.ofSeconds(27))
        .setHttpCheckTimeout(Duration.ofSeconds(37))
        .setMaxAnswerBytes(7_000)
        .setMaxWatches(7);
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    long day = Duration.ofDays(1).toMillis();
    return Stream.of(
        new BadValue("timeout", 0, "PT0.001S to PT24H"),
        new BadValue("timeout", day + 1, "PT0.001S to PT24H"),
        new BadValue("wait", 999, "PT1S to PT10M"),
        new BadValue("wait", 600_001, "PT1S to PT10M"),
        new BadValue("tcpCheckInterval", -1, "PT0S to PT24H"),
        new BadValue("httpCheckInterval", 0, "PT0.001S to PT24H"),
        new BadValue("httpCheckTimeout", 0, "PT0.001S to PT24H"),
        new BadValue("maxAnswerBytes", 1_023, "1024 to 536870912"),
        new BadValue("maxWatches", 0, "1 to 10000"));
  }

  @Test
  void addressesHaveToBeSome() {
    assertThrows(IllegalArgumentException.class, () -> new ConsulOptions().setAddresses(List.of()));
    for (String bad : List.of("", "a:b", "a:0", "a:65536", "http://a", "a b", "[::1", "::1")) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> new ConsulOptions().setAddresses(List.of(bad)),
              bad);
      assertTrue(refused.getMessage().startsWith("addresses: " + bad + " (exp"), bad);
    }
  }

  @Test
  void addressesMayDoWithoutPortAndMayBeOfV6() {
    assertEquals(new ConsulAddress("consul", 8500), ConsulAddress.parse("consul"));
    assertEquals(new ConsulAddress("consul.local", 1), ConsulAddress.parse("consul.local:1"));
    assertEquals(new ConsulAddress("::1", 8500), ConsulAddress.parse("[::1]"));
    assertEquals(new ConsulAddress("::1", 65_535), ConsulAddress.parse("[::1]:65535"));
    assertEquals("[::1]:65535", ConsulAddress.parse("[::1]:65535").toString());
  }

  @Test
  void theTokenIsNeverPrinted() {
    assertFalse(changed().toString().contains(SECRET));
    assertTrue(changed().toString().contains("(secret)"));
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> new ConsulOptions().setToken(SECRET + "\n"));
    assertFalse(refused.getMessage().contains(SECRET));
  }

  @Test
  void theEnvironmentIsReadOnRequest() {
    assertEquals(new ConsulOptions(), ConsulOptions.fromEnvironment(Map.<String, String>of()::get));
    assertEquals(
        new ConsulOptions()
            .setAddresses(List.of("10.0.0.1:8501"))
            .setToken(SECRET)
            .setTls(true)
            .setCaFile("/ca.pem"),
        ConsulOptions.fromEnvironment(
            Map.of(
                    "CONSUL_HTTP_ADDR",
                    "https://10.0.0.1:8501",
                    "CONSUL_HTTP_TOKEN",
                    SECRET,
                    "CONSUL_CACERT",
                    "/ca.pem")
                ::get));
    assertEquals(
        new ConsulOptions().setAddresses(List.of("10.0.0.1:8501")).setTls(true),
        ConsulOptions.fromEnvironment(
            Map.of("CONSUL_HTTP_ADDR", "http://10.0.0.1:8501", "CONSUL_HTTP_SSL", "TRUE")::get));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            ConsulOptions.fromEnvironment(
                Map.of("CONSUL_HTTP_ADDR", "unix:///run/consul.sock")::get));
  }
}
