// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.List;

/**
 * What DNS says of a name.
 *
 * @param targets in whatever order; none if the name does not exist or has no such records
 * @param ttlSeconds the least of the records' TTLs; 0 if there are none
 */
record DnsAnswer(List<Target> targets, long ttlSeconds) {

  static final DnsAnswer NOTHING = new DnsAnswer(List.of(), 0);

  DnsAnswer {
    targets = List.copyOf(targets);
  }

  /**
   * One record.
   *
   * @param host a name or an IP address
   * @param port as the record says, or that of the options
   * @param priority less is better; 0 for an address
   * @param weight 0 to 65,535; 0 for an address
   */
  record Target(String host, int port, int priority, int weight) {}
}
