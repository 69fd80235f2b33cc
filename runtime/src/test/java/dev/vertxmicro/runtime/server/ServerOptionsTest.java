// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerOptionsTest extends OptionsContract<ServerOptions> {

  ServerOptionsTest() {
    super(ServerOptions.class);
  }

  @Override
  protected ServerOptions changed() {
    return new ServerOptions("greeter")
        .setVersion("1.2")
        .setNodeId("one")
        .setMetadata(Map.of("zone", "a"))
        .setHost("::1")
        .setPort(9)
        .setAdvertisedAddress("example:1")
        .setMaxRequestBytes(1)
        .setMaxReplyBytes(2)
        .setMaxCalls(3)
        .setDrainTimeout(Duration.ofMillis(4))
        .setWindowBytes(70_000)
        .setMaxHeaderListBytes(9_000)
        .setMaxStreamsPerConnection(5)
        .setMaxResetsPerConnection(6)
        .setSsl(new ServerSSLOptions().setKeyCertOptions(new PemKeyCertOptions()));
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("name", "", "not empty"),
        new BadValue("nodeId", "", "not empty"),
        new BadValue("metadata", new JsonObject().put("zone", 1), "object of strings"),
        new BadValue("host", "", "not empty"),
        new BadValue("port", -1, "0 to 65535"),
        new BadValue("port", 65_536, "0 to 65535"),
        new BadValue("advertisedAddress", "", "not empty"),
        new BadValue("maxRequestBytes", -1, ">= 0"),
        new BadValue("maxReplyBytes", -1, ">= 0"),
        new BadValue("maxCalls", 0, ">= 1"),
        new BadValue("drainTimeout", -1, "zero or more"),
        new BadValue("windowBytes", 65_534, ">= 65535"),
        new BadValue("maxHeaderListBytes", 0, ">= 1"),
        new BadValue("maxStreamsPerConnection", 0, ">= 1"),
        new BadValue("maxResetsPerConnection", 0, ">= 1"));
  }

  @Test
  void listensForThisMachineOnlyUnlessToldOtherwise() {
    ServerOptions options = new ServerOptions("greeter");

    assertEquals("127.0.0.1", options.getHost());
    assertEquals(0, options.getPort());
    assertEquals(4 * 1024 * 1024, options.getMaxRequestBytes());
    assertEquals(4 * 1024 * 1024, options.getMaxReplyBytes());
    assertEquals("latest", options.getVersion());
  }

  @Test
  void metadataIsAddedEntryByEntryAndHandedOutAsACopy() {
    ServerOptions options = new ServerOptions("greeter").addMetadata("zone", "a");
    options.getMetadata().put("zone", "b");

    assertEquals(Map.of("zone", "a"), options.getMetadata());
  }

  @Test
  void aServerNeedsAName() {
    Vertx vertx = Vertx.vertx();
    try {
      assertWrong("name: empty", () -> RpcServer.create(vertx, new ServerOptions()));
    } finally {
      vertx.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Hello", ".Hello", "Greeter.", "a.b.c", "/a.B", "a.B/c"})
  void wantsEndpointsOfOneHandlerAndOneMethod(String endpoint) {
    assertWrong(
        "endpoint: '" + endpoint + "'",
        () ->
            new ServedEndpoint<>(
                endpoint,
                TypeRef.of(String.class),
                (text, call) -> Future.succeededFuture(),
                null));
  }

  private static void assertWrong(String start, Executable action) {
    String message = assertThrows(IllegalArgumentException.class, action).getMessage();
    assertTrue(message.startsWith(start) && message.contains("expected"), message);
  }
}
