// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Future;

/** Asks DNS. Called at the home of a {@link DnsRegistry}. */
interface DnsQueries {

  /**
   * Asks for the records of a name.
   *
   * @return completes at home; fails if no server has answered, and with nothing if one has said
   *     that there is nothing
   */
  Future<DnsAnswer> query(String name);

  void close();
}
