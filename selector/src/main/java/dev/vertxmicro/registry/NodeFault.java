// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.Optional;

/** Says what is wrong with a node that a registry names, so that it is skipped, not called. */
public final class NodeFault {

  /** The most characters of an id or an address. */
  public static final int LONGEST = 1_024;

  private NodeFault() {}

  /**
   * Returns what is wrong, or nothing.
   *
   * <p>An address is {@code host:port}, {@code [v6]:port}, or a name without a colon, which a
   * transport reads in its own way; a port is a number from 1 to 65,535. What holds a slash is the
   * transport's own as well.
   *
   * @param id the node's id: 1 to {@value #LONGEST} characters
   * @param address the node's address: 1 to {@value #LONGEST} characters
   */
  public static Optional<String> find(String id, String address) {
    if (id.isEmpty()) {
      return Optional.of("node without an id");
    }
    if (id.length() > LONGEST) {
      return Optional.of(
          "node with an id of " + id.length() + " characters (expected: at most " + LONGEST + ")");
    }
    return ofAddress(address).map(fault -> "node " + id + ": " + fault);
  }

  private static Optional<String> ofAddress(String address) {
    if (address.isBlank()) {
      return Optional.of("no address");
    }
    if (address.length() > LONGEST) {
      return Optional.of(
          "address of " + address.length() + " characters (expected: at most " + LONGEST + ")");
    }
    for (int i = 0; i < address.length(); i++) {
      if (address.charAt(i) <= ' ' || Character.isISOControl(address.charAt(i))) {
        return Optional.of("address " + address + " (expected: no spaces)");
      }
    }
    int colon = address.lastIndexOf(':');
    if (colon < 0 || address.indexOf('/') >= 0) {
      return Optional.empty();
    }
    String host = address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
    boolean plain = host.indexOf(':') < 0 && host.indexOf('[') < 0;
    if (host.isEmpty() || !(bracketed || plain)) {
      return Optional.of("address " + address + " (expected: host:port or [v6]:port)");
    }
    return isPort(address.substring(colon + 1))
        ? Optional.empty()
        : Optional.of("address " + address + " (expected: a port from 1 to 65535)");
  }

  private static boolean isPort(String text) {
    if (text.isEmpty() || text.length() > 5) {
      return false;
    }
    int port = 0;
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return false;
      }
      port = 10 * port + digit - '0';
    }
    return port >= 1 && port <= 65_535;
  }
}
