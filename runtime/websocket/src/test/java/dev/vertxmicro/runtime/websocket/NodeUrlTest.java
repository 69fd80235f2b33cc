// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeUrlTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:3002, 127.0.0.1, 3002, false, /default",
    "ws://127.0.0.1:3002/, 127.0.0.1, 3002, false, /",
    "ws://127.0.0.1, 127.0.0.1, 80, false, /default",
    "wss://cluster.example/a/b?c=d, cluster.example, 443, true, /a/b?c=d",
    "wss://cluster.example:8443, cluster.example, 8443, true, /default",
    "ws://[::1]:3002/x, ::1, 3002, false, /x",
    "cluster.example, cluster.example, 443, true, /default",
    "https://cluster.example:1/x, cluster.example, 1, true, /x",
    "127.0.0.1:1/x, 127.0.0.1, 1, false, /x"
  })
  void readsAddresses(String text, String host, int port, boolean tls, String path) {
    NodeUrl url = NodeUrl.parse(text, "/default");

    assertEquals(host, url.address().host());
    assertEquals(port, url.address().port());
    assertEquals(tls, url.address().tls());
    assertEquals(path, url.path());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ws://", "ws:///x", "ws://a:b", "ws://a:1/ b", "ws://a:1/#b", "ws://u@h:1/"})
  void refusesWhatIsNoAddress(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> NodeUrl.parse(text, "/"));

    assertTrue(refused.getMessage().startsWith("address: "), refused.getMessage());
  }

  @Test
  void asksForTlsByMetadata() {
    Node node = Node.builder("a", "127.0.0.1:1").metadata("secure", "true").build();

    assertTrue(NodeUrl.parse(NodeUrl.keyOf(node), "/").address().tls());
  }
}
