// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceTest {

  @ParameterizedTest
  @CsvSource({
    "2.5, 2.5",
    "0.001, 0.001",
    "0, 1",
    "-3, 1",
    "NaN, 1",
    "Infinity, 1",
    "heavy, 1",
    "'', 1"
  })
  void weightIsReadFromTheMetadataIfItCanBe(String text, double weight) {
    assertEquals(
        weight, Node.builder("a", "127.0.0.1:1").metadata(Node.WEIGHT, text).build().weight());
    assertEquals(1, Node.of("a", "127.0.0.1:1").weight());
  }

  @Test
  void everyPartOfANodeMakesADifference() {
    Node node = Node.builder("a", "127.0.0.1:1").protocol("grpc").build();

    assertEquals(
        node, Node.builder("a", "127.0.0.1:1").metadata(Map.of("protocol", "grpc")).build());
    assertNotEquals(node, Node.builder("b", "127.0.0.1:1").protocol("grpc").build());
    assertNotEquals(node, Node.builder("a", "127.0.0.1:2").protocol("grpc").build());
    assertNotEquals(node, Node.builder("a", "127.0.0.1:1").protocol("mucp").build());
  }

  @Test
  void builderMadeFromAServiceKeepsAllItsParts() {
    Service service =
        Service.builder("greeter")
            .version("2")
            .metadata("team", "a")
            .endpoint("Greeter.Hello")
            .node(Node.of("a", "127.0.0.1:1"))
            .build();

    assertEquals(service, service.toBuilder().build());
    assertEquals(List.of(), service.withNodes(List.of()).nodes());
    assertEquals(service.endpoints(), service.withNodes(List.of()).endpoints());
    assertEquals("latest", Service.builder("greeter").build().version());
  }

  @Test
  void emptyNamesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Service.builder(""));
    assertThrows(IllegalArgumentException.class, () -> Node.builder("", "127.0.0.1:1"));
  }
}
