// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.etcd.EtcdAddress.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdAddressTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:2379, 127.0.0.1, 2379, NONE",
    "etcd, etcd, 2379, NONE",
    "etcd:1, etcd, 1, NONE",
    "http://etcd:65535, etcd, 65535, HTTP",
    "HTTPS://etcd.example, etcd.example, 2379, HTTPS",
    "[::1]:7, ::1, 7, NONE",
    "https://[fe80::1], fe80::1, 2379, HTTPS"
  })
  void readsHostPortAndScheme(String text, String host, int port, Scheme scheme) {
    assertEquals(new EtcdAddress(host, port, scheme), EtcdAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":1",
        "etcd:",
        "etcd:0",
        "etcd:65536",
        "etcd:x",
        "etcd:999999",
        "etcd:-1",
        "a:b:c",
        "[::1",
        "[::1]7",
        "[]:1",
        "http://",
        "etcd:1/path",
        "et cd:1",
        "etcd:1?x",
        "etcd\n:1",
        "unix://tmp"
      })
  void refusesWhatIsNoAddress(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> EtcdAddress.parse(text));
    assertTrue(refused.getMessage().startsWith("endpoints: '" + text), refused.getMessage());
  }

  @Test
  void printsAsItIsDialled() {
    assertEquals("etcd:2379", EtcdAddress.parse("https://etcd").toString());
    assertEquals("[::1]:7", EtcdAddress.parse("[::1]:7").toString());
  }
}
