// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a node listens: a port, by TLS or not, or a unix domain socket.
 *
 * @param socket what to connect to
 * @param host the name that a certificate is checked against
 * @param authority what stands in {@code Host}
 * @param tls whether to speak TLS
 * @param path the path of a unix domain socket, or null
 */
record RestAddress(
    SocketAddress socket, String host, String authority, boolean tls, @Nullable String path) {

  private static final String UNIX = "unix:";

  /** Returns the text that stands for the node's address and its wish for TLS. */
  static String keyOf(Node node) {
    return isUnix(node.address()) ? node.address() : NodeAddress.keyOf(node);
  }

  private static boolean isUnix(String address) {
    return address.startsWith(UNIX);
  }

  /**
   * Reads the text that {@link #keyOf} made.
   *
   * @param prefersTls whether an address that says neither means TLS
   * @throws IllegalArgumentException if it is no address
   */
  static RestAddress parse(String key, boolean prefersTls) {
    if (isUnix(key)) {
      String path = key.substring(UNIX.length());
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("address: '" + key + "' (expected: unix:/path)");
      }
      return new RestAddress(
          SocketAddress.domainSocketAddress(path), "localhost", "localhost", false, path);
    }
    NodeAddress at = NodeAddress.parse(key);
    boolean tls = at.tls() || (prefersTls && !at.asksForPlainText());
    return new RestAddress(
        SocketAddress.inetSocketAddress(at.port(), at.host()),
        at.host(),
        at.authority(tls),
        tls,
        null);
  }
}
