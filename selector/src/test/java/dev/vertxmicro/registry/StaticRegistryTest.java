// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class StaticRegistryTest {

  private static final Service ONE =
      Service.builder("greeter").version("1").node(Node.of("a", "127.0.0.1:1")).build();
  private static final Service TWO =
      Service.builder("greeter").version("2").node(Node.of("b", "127.0.0.1:2")).build();
  private static final Service CLOCK =
      Service.builder("clock").node(Node.of("a", "127.0.0.1:3")).build();

  private final StaticRegistry registry = StaticRegistry.of(ONE, CLOCK, TWO);

  @Test
  void servicesAreFoundInTheOrderGiven() {
    assertEquals(List.of(ONE, TWO), registry.get("greeter").result());
    assertEquals(List.of(), registry.get("nobody").result());
    assertEquals(List.of("clock", "greeter"), registry.list().result());
  }

  @Test
  void answerIsAlwaysTheSame() {
    assertSame(registry.get("greeter"), registry.get("greeter"));
    assertSame(registry.get("nobody"), registry.get("nobody"));
  }

  @Test
  void addressesAreNodes() {
    StaticRegistry addresses = StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:2");

    Service greeter = addresses.get("greeter").result().get(0);

    assertEquals(
        List.of(Node.of("127.0.0.1:1", "127.0.0.1:1"), Node.of("127.0.0.1:2", "127.0.0.1:2")),
        greeter.nodes());
  }

  @Test
  void registeringFailsClearly() {
    RpcException refused =
        assertInstanceOf(
            RpcException.class, registry.register(ONE, RegisterOptions.DEFAULT).cause());

    assertEquals(501, refused.code());
    assertEquals("register greeter: a static registry cannot be written to", refused.detail());
  }

  @Test
  void watchStandsAndCloseChangesNothing() {
    Watch watch = registry.watch("greeter", event -> {});

    assertTrue(watch.ready().succeeded());
    watch.close();
    assertTrue(registry.close().succeeded());
    assertEquals(1, registry.get("clock").result().size());
  }

  @Test
  void whatComesTwiceOrHasNoNodeIsRefused() {
    refused(() -> StaticRegistry.of(ONE, ONE), "greeter version 1 comes twice");
    refused(
        () -> StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:1"),
        "greeter node 127.0.0.1:1 comes twice");
    refused(() -> StaticRegistry.of("greeter"), "greeter has no node");
  }

  private static void refused(Executable call, String why) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }
}
