// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerOptionsTest {

  private final ServerOptions options = new ServerOptions("greeter");

  @Test
  void listensForThisMachineOnlyUnlessToldOtherwise() {
    assertEquals("127.0.0.1", options.getHost());
    assertEquals(0, options.getPort());
    assertEquals(4 * 1024 * 1024, options.getMaxRequestBytes());
    assertEquals(4 * 1024 * 1024, options.getMaxReplyBytes());
    assertEquals("latest", options.getVersion());
  }

  @Test
  void copiesAreIndependent() {
    options
        .setVersion("1.2")
        .setNodeId("one")
        .addMetadata("zone", "a")
        .setHost("::1")
        .setPort(9)
        .setAdvertisedAddress("example:1")
        .setMaxRequestBytes(1)
        .setMaxReplyBytes(2)
        .setMaxCalls(3)
        .setDrainTimeout(Duration.ofMillis(4))
        .setHttp(ServerOptions.defaultHttp().setIdleTimeout(5));
    ServerOptions copy = new ServerOptions(options);
    options
        .setName("other")
        .setVersion("2")
        .setNodeId(null)
        .addMetadata("zone", "b")
        .setHost("h")
        .setPort(0)
        .setAdvertisedAddress(null)
        .setMaxRequestBytes(0)
        .setMaxReplyBytes(0)
        .setMaxCalls(1)
        .setDrainTimeout(Duration.ZERO)
        .setHttp(ServerOptions.defaultHttp());

    assertEquals("greeter", copy.getName());
    assertEquals("1.2", copy.getVersion());
    assertEquals("one", copy.getNodeId());
    assertEquals(Map.of("zone", "a"), copy.getMetadata());
    assertEquals("::1", copy.getHost());
    assertEquals(9, copy.getPort());
    assertEquals("example:1", copy.getAdvertisedAddress());
    assertEquals(1, copy.getMaxRequestBytes());
    assertEquals(2, copy.getMaxReplyBytes());
    assertEquals(3, copy.getMaxCalls());
    assertEquals(Duration.ofMillis(4), copy.getDrainTimeout());
    assertEquals(5, copy.getHttp().getIdleTimeout());
  }

  @Test
  void namesWhatIsWrong() {
    assertWrong("name: empty", () -> new ServerOptions(""));
    assertWrong("port: -1", () -> options.setPort(-1));
    assertWrong("port: 65536", () -> options.setPort(65_536));
    assertWrong("host: empty", () -> options.setHost(""));
    assertWrong("nodeId: empty", () -> options.setNodeId(""));
    assertWrong("advertisedAddress: empty", () -> options.setAdvertisedAddress(""));
    assertWrong("maxRequestBytes: -1", () -> options.setMaxRequestBytes(-1));
    assertWrong("maxReplyBytes: -1", () -> options.setMaxReplyBytes(-1));
    assertWrong("maxCalls: 0", () -> options.setMaxCalls(0));
    assertWrong("drainTimeout: PT-1S", () -> options.setDrainTimeout(Duration.ofSeconds(-1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Hello", ".Hello", "Greeter.", "a.b.c", "/a.B", "a.B/c"})
  void wantsEndpointsOfOneHandlerAndOneMethod(String endpoint) {
    assertWrong(
        "endpoint: '" + endpoint + "'",
        () ->
            new ServedEndpoint<>(
                endpoint, TypeRef.of(String.class), (text, call) -> Future.succeededFuture()));
  }

  private static void assertWrong(String start, Executable action) {
    String message = assertThrows(IllegalArgumentException.class, action).getMessage();
    assertTrue(message.startsWith(start) && message.contains("expected"), message);
  }
}
