// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** IP addresses as texts and bytes; no name is ever looked up. */
final class Addresses {

  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private Addresses() {}

  /** Returns null if the text is no address. */
  static byte @Nullable [] bytes(String text) {
    if (!LITERAL.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(text).getAddress();
    } catch (UnknownHostException none) {
      return null;
    }
  }

  /** Returns an address and a port, as nodes have them. */
  static String text(byte[] address, int port) {
    try {
      String host = InetAddress.getByAddress(address).getHostAddress();
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    } catch (UnknownHostException wrongLength) {
      throw new IllegalArgumentException(
          "address: " + address.length + " bytes (expected: 4 or 16)", wrongLength);
    }
  }
}
