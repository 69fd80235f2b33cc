// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.NodeAddress;

/**
 * Where the WebSocket of a node is.
 *
 * @param address host, port and whether to speak TLS
 * @param path what is asked for, from its slash on
 */
record NodeUrl(NodeAddress address, String path) {

  private static final String WS = "ws://";
  private static final String WSS = "wss://";

  /** Returns the text that stands for the node's address and its wish for TLS. */
  static String keyOf(Node node) {
    return NodeAddress.keyOf(node);
  }

  /**
   * Reads the text that {@link #keyOf} made.
   *
   * @param defaultPath the path of an address without one
   * @throws IllegalArgumentException if it is no address
   */
  static NodeUrl parse(String key, String defaultPath) {
    String scheme = key.startsWith(WSS) ? WSS : key.startsWith(WS) ? WS : "";
    String rest = key.substring(scheme.length());
    int slash = rest.indexOf('/', rest.contains("://") ? rest.indexOf("://") + 3 : 0);
    String path = slash < 0 ? defaultPath : rest.substring(slash);
    String host = slash < 0 ? rest : rest.substring(0, slash);
    if (!path.chars().allMatch(c -> c > ' ' && c <= '~' && c != '#')) {
      throw new IllegalArgumentException(
          "address: '" + key + "' (expected: ws://host:port/path, printable ASCII)");
    }
    String plain =
        switch (scheme) {
          case WSS -> "https://" + host;
          case WS -> "http://" + host;
          default -> host;
        };
    return new NodeUrl(NodeAddress.parse(plain), path);
  }
}
