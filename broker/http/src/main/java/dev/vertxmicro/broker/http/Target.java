// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.NodeFault;

/**
 * Where the events for one subscription go.
 *
 * @param id of the node
 * @param host a name or an IP address, IPv6 without brackets
 * @param port 1 to 65535
 * @param secure whether to speak TLS
 */
record Target(String id, String host, int port, boolean secure) {

  /**
   * Reads a node.
   *
   * @throws IllegalArgumentException if it has no address of host and port
   */
  static Target of(Node node) {
    String address = node.address();
    int colon = address.lastIndexOf(':');
    String fault = NodeFault.find(node.id(), address).orElse(null);
    if (fault != null || colon < 1 || address.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "address: '" + address + "' (expected: host:port or [v6]:port)");
    }
    String host = address.substring(0, colon);
    return new Target(
        node.id(),
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(address.substring(colon + 1)),
        GoMicroNode.isSecure(node));
  }

  /** Returns host and port as a URL has them: what connections are shared by. */
  String peer() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
