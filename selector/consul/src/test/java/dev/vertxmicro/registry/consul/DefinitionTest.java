// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionTest {

  private static final Service GREETER = Service.builder("greeter").version("1").build();

  private static JsonObject define(Node node, Duration ttl, ConsulOptions options) {
    return Definition.of(GREETER, node, new RegisterOptions(ttl, Duration.ZERO), options);
  }

  private static JsonObject check(Duration ttl, ConsulOptions options) {
    return define(Node.of("a", "10.0.0.1:80"), ttl, options).getJsonObject("Check");
  }

  @Test
  void namesTheNode() {
    Node node = Node.builder("a", "10.0.0.1:80").metadata("zone", "x").build();

    JsonObject definition = define(node, Duration.ZERO, new ConsulOptions());

    assertEquals("a", definition.getString("ID"));
    assertEquals("greeter", definition.getString("Name"));
    assertEquals("10.0.0.1", definition.getString("Address"));
    assertEquals(80, definition.getInteger("Port"));
    assertEquals(2, definition.getJsonArray("Tags").size());
    assertEquals(new JsonObject().put("zone", "x"), definition.getJsonObject("Meta"));
    assertFalse(definition.containsKey("Check"));
    assertFalse(definition.containsKey("Connect"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:80,10.0.0.1,80",
    "[::1]:80,::1,80",
    "host:65535,host,65535",
    "queue,queue,0",
    "host:0,host:0,0",
    "host:65536,host:65536,0",
    "host:123456,host:123456,0",
    "host:x,host:x,0",
    "::1,::1,0",
    ":80,:80,0",
    "http://h:80,http://h:80,0"
  })
  void addressesAreHostAndPortOrAllHost(String address, String host, int port) {
    assertEquals(new NodeAddress(host, port), NodeAddress.split(address));
    assertEquals(address, NodeAddress.join(host, port));
  }

  @ParameterizedTest
  @CsvSource({
    "PT10S,10s,65s",
    "PT1M,60s,65s",
    "PT90S,90s,95s",
    "PT1.5S,1500ms,65s",
    "PT0.0001S,1ms,65s"
  })
  void aTtlIsACheckThatLivesOnOurSigns(Duration ttl, String text, String deregister) {
    assertEquals(
        new JsonObject().put("TTL", text).put("DeregisterCriticalServiceAfter", deregister),
        check(ttl, new ConsulOptions()));
    assertTrue(Definition.hasTtl(new RegisterOptions(ttl, Duration.ZERO), new ConsulOptions()));
  }

  @Test
  void tcpCheckGoesBeforeHttpCheckAndThatBeforeTheTtl() {
    ConsulOptions options = new ConsulOptions().setHttpCheck("http://{host}:8080/health");
    Duration ttl = Duration.ofSeconds(10);

    assertEquals(
        new JsonObject()
            .put("HTTP", "http://10.0.0.1:8080/health")
            .put("Interval", "10s")
            .put("Timeout", "5s")
            .put("DeregisterCriticalServiceAfter", "65s"),
        check(ttl, options));
    assertEquals(
        "http://[::1]:8080/health",
        define(Node.of("a", "[::1]:80"), ttl, options).getJsonObject("Check").getString("HTTP"));

    options.setTcpCheckInterval(Duration.ofSeconds(70));

    assertEquals(
        new JsonObject()
            .put("TCP", "10.0.0.1:80")
            .put("Interval", "70s")
            .put("DeregisterCriticalServiceAfter", "75s"),
        check(ttl, options));
    assertFalse(Definition.hasTtl(new RegisterOptions(ttl, Duration.ZERO), options));
  }

  @Test
  void onlyMetadataThatConsulTakesIsItsMeta() {
    Node node =
        Node.builder("a", "h:1")
            .metadata("good_1-a", "v".repeat(512))
            .metadata("a b", "x")
            .metadata("", "x")
            .metadata("k".repeat(129), "x")
            .metadata("consul-own", "x")
            .metadata("long", "\u00e4".repeat(257))
            .build();

    JsonObject definition = define(node, Duration.ZERO, new ConsulOptions());

    assertEquals(
        new JsonObject().put("good_1-a", "v".repeat(512)), definition.getJsonObject("Meta"));
    assertEquals(7, definition.getJsonArray("Tags").size());
  }

  @Test
  void metaIsBounded() {
    Node.Builder node = Node.builder("a", "h:1");
    for (int i = 0; i < 70; i++) {
      node.metadata("k" + i, "x");
    }

    assertEquals(
        64, define(node.build(), Duration.ZERO, new ConsulOptions()).getJsonObject("Meta").size());
  }

  @Test
  void connectIsNative() {
    JsonObject definition =
        define(Node.of("a", "h:1"), Duration.ZERO, new ConsulOptions().setConnect(true));

    assertEquals(new JsonObject().put("Native", true), definition.getJsonObject("Connect"));
  }
}
