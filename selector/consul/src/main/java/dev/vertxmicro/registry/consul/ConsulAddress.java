// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

/**
 * Where an agent of Consul listens.
 *
 * @param host name or IP address, v6 without brackets
 * @param port 1 to 65,535
 */
record ConsulAddress(String host, int port) {

  /**
   * Reads {@code host:port}, {@code [v6]:port}, or either without a port.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static ConsulAddress parse(String text) {
    boolean bracketed = text.startsWith("[");
    int end = bracketed ? text.indexOf(']') + 1 : text.indexOf(':');
    end = end < 0 ? text.length() : end;
    String host = bracketed && end > 2 ? text.substring(1, end - 1) : text.substring(0, end);
    if (!host.matches(bracketed ? "[0-9A-Fa-f:.%]+" : "[0-9A-Za-z._-]+")) {
      throw unfit(text);
    }
    String rest = text.substring(end);
    if (rest.isEmpty()) {
      return new ConsulAddress(host, ConsulOptions.DEFAULT_PORT);
    }
    if (!rest.matches(":[0-9]{1,5}")) {
      throw unfit(text);
    }
    int port = Integer.parseInt(rest.substring(1));
    if (port < 1 || port > 65_535) {
      throw unfit(text);
    }
    return new ConsulAddress(host, port);
  }

  private static IllegalArgumentException unfit(String text) {
    return new IllegalArgumentException(
        "addresses: " + text + " (expected: host or host:port, port 1 to 65535)");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
