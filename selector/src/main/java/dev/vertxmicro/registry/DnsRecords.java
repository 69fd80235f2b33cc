// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

/** Which records of DNS name the nodes of a service. */
public enum DnsRecords {
  /** Each names a host and its port, with priority and weight (RFC 2782). */
  SRV,
  /** Each is an IPv4 address; the port comes from the options. */
  A,
  /** Each is an IPv6 address; the port comes from the options. */
  AAAA
}
