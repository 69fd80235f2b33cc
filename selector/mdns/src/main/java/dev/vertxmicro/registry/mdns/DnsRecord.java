// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import io.vertx.core.buffer.Buffer;

/**
 * One resource record of the kinds that go-micro uses; of each kind some fields have a meaning.
 *
 * @param name whose it is, without a dot at the end
 * @param type of {@link DnsMessage}
 * @param ttl seconds; zero says goodbye
 * @param target PTR: what it points to; SRV: the host
 * @param port SRV
 * @param data A, AAAA: the address; TXT: all strings, one after the other
 */
record DnsRecord(String name, int type, long ttl, String target, int port, Buffer data) {

  private static final Buffer NONE = Buffer.buffer();

  static DnsRecord ptr(String name, long ttl, String target) {
    return new DnsRecord(name, DnsMessage.PTR, ttl, target, 0, NONE);
  }

  static DnsRecord srv(String name, long ttl, String target, int port) {
    return new DnsRecord(name, DnsMessage.SRV, ttl, target, port, NONE);
  }

  static DnsRecord address(String name, long ttl, byte[] address) {
    int type = address.length == 4 ? DnsMessage.A : DnsMessage.AAAA;
    return new DnsRecord(name, type, ttl, "", 0, Buffer.buffer(address));
  }

  static DnsRecord txt(String name, long ttl, Buffer text) {
    return new DnsRecord(name, DnsMessage.TXT, ttl, "", 0, text);
  }
}
