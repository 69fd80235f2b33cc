// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

/**
 * The address of a node in Consul's two parts.
 *
 * @param host name or IP address, v6 without brackets; an address without a port as a whole
 * @param port 0 for an address that has none, a queue's name say
 */
record NodeAddress(String host, int port) {

  /** Takes {@code host:port} or {@code [v6]:port} apart; what is neither is a host. */
  static NodeAddress split(String address) {
    int colon = address.lastIndexOf(':');
    if (colon <= 0 || !address.substring(colon + 1).matches("[0-9]{1,5}")) {
      return new NodeAddress(address, 0);
    }
    int port = Integer.parseInt(address.substring(colon + 1));
    String host = address.substring(0, colon);
    boolean bracketed = host.length() > 2 && host.startsWith("[") && host.endsWith("]");
    boolean plain = host.indexOf(':') < 0 && host.indexOf('[') < 0 && host.indexOf('/') < 0;
    if (port < 1 || port > 65_535 || !(bracketed || plain)) {
      return new NodeAddress(address, 0);
    }
    return new NodeAddress(bracketed ? host.substring(1, host.length() - 1) : host, port);
  }

  /** Puts the parts together; port 0 means none, as in go-micro. */
  static String join(String host, long port) {
    if (port == 0) {
      return host;
    }
    return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }
}
