// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import java.util.List;

/**
 * Where the REST API of a peer listens, out of a multiaddr.
 *
 * @param host a name or an IP address, without brackets; empty for a unix domain socket
 * @param port 1 to 65535; 0 for a unix domain socket
 * @param path of a unix domain socket; else empty
 */
record PeerAddress(String host, int port, String path) {

  private static final List<String> HOSTS = List.of("ip4", "ip6", "dns", "dns4", "dns6");
  private static final List<String> TUNNELLED = List.of("p2p", "ipfs", "dnsaddr");
  private static final String FORMS = "/ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT or /unix/PATH";

  /**
   * Reads a multiaddr.
   *
   * @throws IllegalArgumentException if it is none, or one that needs libp2p
   */
  static PeerAddress parse(String multiaddr) {
    String[] parts = multiaddr.split("/", -1);
    if (parts.length < 3 || !parts[0].isEmpty()) {
      throw bad(multiaddr, FORMS);
    }
    if (parts[1].equals("unix")) {
      return unix(multiaddr, multiaddr.substring("/unix".length()));
    }
    for (String part : parts) {
      if (TUNNELLED.contains(part)) {
        throw bad(multiaddr, "no /" + part + "/, since HTTP over libp2p is not spoken; " + FORMS);
      }
    }
    if (parts.length != 5 || !HOSTS.contains(parts[1]) || !parts[3].equals("tcp")) {
      throw bad(multiaddr, FORMS);
    }
    boolean v6 = parts[1].equals("ip6");
    if (parts[2].isEmpty() || v6 != parts[2].contains(":")) {
      throw bad(multiaddr, FORMS);
    }
    return new PeerAddress(parts[2], port(multiaddr, parts[4]), "");
  }

  private static PeerAddress unix(String multiaddr, String path) {
    if (path.length() < 2) {
      throw bad(multiaddr, FORMS);
    }
    return new PeerAddress("", 0, path);
  }

  private static int port(String multiaddr, String digits) {
    boolean plain = digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    int port = plain && !digits.isEmpty() ? Integer.parseInt(digits) : 0;
    if (port < 1 || port > 65_535) {
      throw bad(multiaddr, "a port of 1 to 65535");
    }
    return port;
  }

  private static IllegalArgumentException bad(String multiaddr, String expected) {
    return new IllegalArgumentException(
        "apiAddress: '" + multiaddr + "' (expected: " + expected + ")");
  }

  /** Returns the address of a node of the REST transport. */
  String nodeAddress(boolean tls) {
    if (!path.isEmpty()) {
      return "unix:" + path;
    }
    return (tls ? "https://" : "http://") + hostAndPort();
  }

  String hostAndPort() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
