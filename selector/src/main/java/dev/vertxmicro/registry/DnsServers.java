// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The DNS servers to ask. */
final class DnsServers {

  private DnsServers() {}

  /** Returns the servers that the options name, or else those of the machine. */
  static List<InetSocketAddress> of(DnsOptions options) {
    return options.getServers().isEmpty()
        ? DefaultDnsServerAddressStreamProvider.defaultAddressList()
        : options.getServers().stream().map(DnsServers::parse).toList();
  }

  /**
   * Reads an address without asking anybody.
   *
   * @throws IllegalArgumentException if it is no IP address with a port
   */
  static InetSocketAddress parse(String server) {
    int colon = server.lastIndexOf(':');
    if (colon > 0 && NodeFault.find("server", server).isEmpty() && server.indexOf('/') < 0) {
      byte[] address = NetUtil.createByteArrayFromIpAddressString(server.substring(0, colon));
      if (address != null) {
        try {
          int port = Integer.parseInt(server.substring(colon + 1));
          return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException impossible) {
          throw new AssertionError(server, impossible);
        }
      }
    }
    throw new IllegalArgumentException(
        "servers: " + server + " (expected: an IP address and a port, as in 127.0.0.1:53)");
  }
}
