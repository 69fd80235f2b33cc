// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeAddressTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9000, 127.0.0.1, 9000, false, false",
    "[::1]:9000, ::1, 9000, false, false",
    "greeter.local:443, greeter.local, 443, true, false",
    "greeter.local, greeter.local, 443, true, false",
    "[::1], ::1, 443, true, false",
    "https://greeter.local, greeter.local, 443, true, false",
    "https://greeter.local:9000, greeter.local, 9000, true, false",
    "https://[::1]:9000, ::1, 9000, true, false",
    "http://greeter.local, greeter.local, 80, false, true",
    "http://greeter.local:443, greeter.local, 443, false, true",
    "a:1, a, 1, false, false",
    "a:65535, a, 65535, false, false"
  })
  void readsAddressesAsGoMicroDoes(
      String address, String host, int port, boolean tls, boolean plain) {
    assertEquals(new NodeAddress(host, port, tls, plain), NodeAddress.parse(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":9000",
        "a:",
        "a:0",
        "a:65536",
        "a:-1",
        "a:x",
        "a:1:2",
        "::1",
        "[::1",
        "[]:1",
        "[::1]9000",
        "a b:1",
        "a/b:1",
        "user@a:1",
        "a:1/path",
        "https://",
        "https://a:1/x",
        "caf\u00e9:1",
        "a:123456",
        "ftp://a:1"
      })
  void refusesWhatIsNoAddress(String address) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> NodeAddress.parse(address)).getMessage();

    assertTrue(message.startsWith("address: '" + address + "'"), message);
  }

  @Test
  void nodesCanAskForTls() {
    Node plain = Node.of("n", "a:1");
    Node secure = Node.builder("n", "a:1").metadata("secure", "true").build();
    Node both = Node.builder("n", "https://a:1").metadata("secure", "true").build();

    assertEquals("a:1", NodeAddress.keyOf(plain));
    assertEquals("https://a:1", NodeAddress.keyOf(secure));
    assertEquals("https://a:1", NodeAddress.keyOf(both));
  }
}
