// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import java.util.Locale;

/**
 * Where a member of etcd listens for clients.
 *
 * @param host a name or an IP address, IPv6 without brackets
 * @param port 1 to 65,535
 * @param scheme whether it was said what to speak
 */
record EtcdAddress(String host, int port, Scheme scheme) {

  /** What was written before the host. */
  enum Scheme {
    /** TLS. */
    HTTPS,
    /** Plain text. */
    HTTP,
    /** Nothing: TLS if the options have any for it. */
    NONE
  }

  private static final int DEFAULT_PORT = 2379;
  private static final String EXPECTED =
      " (expected: host:port, [v6]:port, or one after http:// or https://)";

  /**
   * Reads an address; the port is 2379 unless it says another.
   *
   * @throws IllegalArgumentException if it is none
   */
  static EtcdAddress parse(String text) {
    if (text.indexOf('@') >= 0) {
      // It may hold a password, so it is not repeated.
      throw new IllegalArgumentException("endpoints: one has an '@'" + EXPECTED);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    Scheme scheme = Scheme.NONE;
    int start = 0;
    if (lower.startsWith("https://")) {
      scheme = Scheme.HTTPS;
      start = "https://".length();
    } else if (lower.startsWith("http://")) {
      scheme = Scheme.HTTP;
      start = "http://".length();
    }
    String rest = text.substring(start);
    int hostEnd = rest.startsWith("[") ? rest.indexOf(']') + 1 : rest.indexOf(':');
    hostEnd = hostEnd < 0 ? rest.length() : hostEnd;
    String host = rest.substring(0, hostEnd);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || !host.chars().allMatch(EtcdAddress::isOfHost)) {
      throw bad(text);
    }
    if (hostEnd == rest.length()) {
      return new EtcdAddress(host, DEFAULT_PORT, scheme);
    }
    String port = rest.substring(hostEnd + 1);
    if (rest.charAt(hostEnd) != ':' || !port.matches("[0-9]{1,5}")) {
      throw bad(text);
    }
    int number = Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      throw bad(text);
    }
    return new EtcdAddress(host, number, scheme);
  }

  private static boolean isOfHost(int c) {
    return c > ' ' && c <= '~' && "/\\?#[]<>\"".indexOf(c) < 0;
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("endpoints: '" + text + "'" + EXPECTED);
  }

  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
