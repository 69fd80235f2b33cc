// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A subscription as go-micro writes it. */
class GoMicroNodeTest {

  @Test
  void isANodeOfTheServiceThatGoMicroLooksFor() {
    Service service = GoMicroNode.service("news", null, "news-1", "127.0.0.1:1", false);

    assertEquals("micro.http.broker", service.name());
    assertEquals("ff.http.broadcast", service.version());
    Node node = service.nodes().get(0);
    assertEquals("news-1", node.id());
    assertEquals("127.0.0.1:1", node.address());
    assertEquals(Map.of("broker", "http", "topic", "news", "secure", "false"), node.metadata());
  }

  @Test
  void hasItsQueueForVersion() {
    Service service = GoMicroNode.service("news", "red", "news-1", "127.0.0.1:1", true);

    assertEquals("red", service.version());
    assertEquals("true", service.nodes().get(0).metadata().get("secure"));
  }

  @Test
  void nodesOfOtherBrokersHaveNoTopic() {
    assertNull(GoMicroNode.topic(Node.builder("a", "b:1").metadata("topic", "news").build()));
    assertNull(GoMicroNode.topic(Node.builder("a", "b:1").metadata("broker", "http").build()));
  }

  /** What Go's url.QueryEscape gives. */
  @Test
  void escapesAnIdAsGoDoes() {
    assertEquals("/?id=a+b%2F%C3%BC~%2A%26%3D%2B.-_%25", GoMicroNode.uri("a b/ü~*&=+.-_%"));
  }

  @ParameterizedTest
  @CsvSource({
    "a:1,a,1,a:1",
    "127.0.0.1:65535,127.0.0.1,65535,127.0.0.1:65535",
    "[::1]:2,::1,2,[::1]:2"
  })
  void readsAddresses(String address, String host, int port, String peer) {
    Target target = Target.of(Node.of("x", address));

    assertEquals(host, target.host());
    assertEquals(port, target.port());
    assertEquals(peer, target.peer());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", ":1", "a:0", "a:65536", "a:b", "::1", "http://a:1", "a b:1"})
  void refusesWhatIsNoAddress(String address) {
    Node node = Node.of("x", address);

    assertThrows(IllegalArgumentException.class, () -> Target.of(node));
  }
}
