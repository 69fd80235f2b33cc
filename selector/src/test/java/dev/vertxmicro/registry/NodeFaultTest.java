// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeFaultTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:1",
        "localhost:65535",
        "[::1]:8080",
        "[fe80::1%eth0]:80",
        "_INBOX.queue-name",
        "nats://host",
        "http://host:99999/path"
      })
  void usableAddressHasNoFault(String address) {
    assertEquals(Optional.empty(), NodeFault.find("a", address));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''            | no address",
        "'  '          | no address",
        "127.0.0.1:    | a port from 1 to 65535",
        "127.0.0.1:0   | a port from 1 to 65535",
        "127.0.0.1:65536 | a port from 1 to 65535",
        "127.0.0.1:99999999999 | a port from 1 to 65535",
        "127.0.0.1:-1  | a port from 1 to 65535",
        "127.0.0.1:http | a port from 1 to 65535",
        "127.0.0.1:٣   | a port from 1 to 65535",
        ":8080         | host:port",
        "::1           | host:port or [v6]:port",
        "[]:80         | host:port or [v6]:port",
        "'a b:80'      | no spaces"
      })
  void addressThatCannotBeDialledIsSaidToBe(String address, String fault) {
    String found = NodeFault.find("a", address).orElseThrow();

    assertTrue(found.startsWith("node a: ") && found.contains(fault), found);
  }

  @Test
  void idIsNeitherEmptyNorHuge() {
    assertEquals("node without an id", NodeFault.find("", "127.0.0.1:1").orElseThrow());
    assertTrue(NodeFault.find("x".repeat(1_025), "127.0.0.1:1").orElseThrow().contains("1025"));
    assertTrue(NodeFault.find("a", "x".repeat(1_025)).orElseThrow().contains("1025"));
    assertEquals(Optional.empty(), NodeFault.find("x".repeat(1_024), "y".repeat(1_024)));
  }
}
