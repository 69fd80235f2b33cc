// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.registry.Node;

/**
 * Where a node listens, read from its address as go-micro does (client/grpc/grpc.go): TLS if the
 * address begins with {@code https://}, has port 443 or has no port at all; else plain text. Beyond
 * go-micro, {@code http://} asks for plain text and node metadata {@code secure=true} for TLS.
 *
 * @param host a name or an IP address, IPv6 without brackets
 * @param port 1 to 65535
 * @param tls whether to speak TLS
 * @param asksForPlainText whether never to speak TLS
 */
public record NodeAddress(String host, int port, boolean tls, boolean asksForPlainText) {

  private static final String HTTPS = "https://";
  private static final String HTTP = "http://";
  private static final int TLS_PORT = 443;
  private static final int PLAIN_PORT = 80;

  /** Returns the text that stands for the node's address and its wish for TLS. */
  public static String keyOf(Node node) {
    String address = node.address();
    return "true".equals(node.metadata().get("secure")) && !address.contains("://")
        ? HTTPS + address
        : address;
  }

  /**
   * Reads the text that {@link #keyOf} made.
   *
   * @throws IllegalArgumentException if it is no address
   */
  public static NodeAddress parse(String key) {
    if (key.startsWith(HTTPS)) {
      return parse(key, key.substring(HTTPS.length()), TLS_PORT, true, false);
    }
    if (key.startsWith(HTTP)) {
      return parse(key, key.substring(HTTP.length()), PLAIN_PORT, false, true);
    }
    NodeAddress plain = parse(key, key, 0, false, false);
    if (plain.port == 0) {
      return new NodeAddress(plain.host, TLS_PORT, true, false);
    }
    return plain.port == TLS_PORT ? new NodeAddress(plain.host, TLS_PORT, true, false) : plain;
  }

  /** Returns host and port as HTTP wants them: no port if it is the one of the scheme. */
  public String authority(boolean overTls) {
    String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return port == (overTls ? TLS_PORT : PLAIN_PORT) ? name : name + ":" + port;
  }

  private static NodeAddress parse(
      String key, String text, int defaultPort, boolean tls, boolean plain) {
    int hostEnd;
    String host;
    if (text.startsWith("[")) {
      hostEnd = text.indexOf(']') + 1;
      host = hostEnd == 0 ? "" : text.substring(1, hostEnd - 1);
    } else {
      hostEnd = text.indexOf(':') < 0 ? text.length() : text.indexOf(':');
      host = text.substring(0, hostEnd);
    }
    if (host.isEmpty() || !isHost(host)) {
      throw bad(key);
    }
    if (hostEnd == text.length()) {
      return new NodeAddress(host, defaultPort, tls, plain);
    }
    if (text.charAt(hostEnd) != ':') {
      throw bad(key);
    }
    return new NodeAddress(host, port(key, text.substring(hostEnd + 1)), tls, plain);
  }

  private static boolean isHost(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c > '~' || "/\\@?#[]<>\"".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static int port(String key, String digits) {
    int port = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9' || i == 5) {
        throw bad(key);
      }
      port = port * 10 + c - '0';
    }
    if (port < 1 || port > 65535) {
      throw bad(key);
    }
    return port;
  }

  private static IllegalArgumentException bad(String key) {
    return new IllegalArgumentException(
        "address: '" + key + "' (expected: host:port, [v6]:port or https://host:port)");
  }
}
