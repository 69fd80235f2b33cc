// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Services and nodes as names and records of a domain, as go-micro has them. */
final class Zone {

  /** The service that lists the others. */
  static final String LIST = "_services";

  /** What fits into a datagram. */
  private static final int MOST_BYTES = 60_000;

  private static final String HOST = "host";
  private static final int LIST_PORT = 9_999;
  private static final Buffer NO_TEXT = Buffer.buffer();

  private final String domain;
  private final long ttl;

  Zone(String domain, long ttlSeconds) {
    this.domain = domain;
    this.ttl = ttlSeconds;
  }

  String domain() {
    return domain;
  }

  String name(String service) {
    return service + "." + domain;
  }

  /**
   * Returns the records of one node, the first of which points to it.
   *
   * @param goodbye whether it leaves
   * @throws RpcException code 400 if there is no such name or address, 429 if it is too long
   */
  List<DnsRecord> records(Service service, Node node, boolean goodbye) {
    String instance = node.id() + "." + name(service.name());
    if (!DnsText.isName(instance)) {
      throw refused(node, instance + " is no DNS name");
    }
    String address = node.address();
    int colon = address.lastIndexOf(':');
    byte[] ip = colon < 0 ? null : Addresses.bytes(host(address, colon));
    int port = colon < 0 ? -1 : port(address.substring(colon + 1));
    if (ip == null || port < 0) {
      throw refused(node, address + " is no IP address with a port");
    }
    long life = goodbye ? 0 : ttl;
    Buffer text = TxtJson.write(service, node);
    if (text.length() > MOST_BYTES) {
      throw RpcException.client(
              GrpcStatus.RESOURCE_EXHAUSTED,
              "mdns node " + node.id() + ": " + text.length() + " bytes do not fit in a datagram")
          .build();
    }
    return List.of(
        DnsRecord.ptr(name(service.name()), life, instance),
        DnsRecord.srv(instance, life, HOST, port),
        DnsRecord.address(HOST, life, ip),
        DnsRecord.txt(instance, life, text));
  }

  private static String host(String address, int colon) {
    String host = address.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port > 0 && port <= 65_535 ? port : -1;
    } catch (NumberFormatException none) {
      return -1;
    }
  }

  private static RpcException refused(Node node, String why) {
    return RpcException.client(GrpcStatus.INVALID_ARGUMENT, "mdns node " + node.id() + ": " + why)
        .build();
  }

  /** Returns the records that name a service in a list. */
  List<DnsRecord> listing(String service) {
    String instance = service + "." + name(LIST);
    List<DnsRecord> records = new ArrayList<>();
    records.add(DnsRecord.ptr(name(LIST), ttl, instance));
    records.add(DnsRecord.srv(instance, ttl, HOST, LIST_PORT));
    records.add(DnsRecord.address(HOST, ttl, new byte[4]));
    records.add(DnsRecord.txt(instance, ttl, NO_TEXT));
    return records;
  }
}
