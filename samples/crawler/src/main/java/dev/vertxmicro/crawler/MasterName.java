// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import org.jspecify.annotations.Nullable;

/**
 * What a master is called in the election: {@code master<id>-<host>:<port>}, {@code
 * master1-127.0.0.1:9091} say. Its gRPC address follows the first dash, as ids have none.
 */
final class MasterName {

  private static final String PREFIX = "master";

  private MasterName() {}

  static String of(String id, String address) {
    return PREFIX + id + "-" + address;
  }

  /** Returns the address in a name; null if it is no name of a master. */
  static @Nullable String address(String name) {
    int dash = name.indexOf('-');
    String address = dash < 0 ? "" : name.substring(dash + 1);
    return name.startsWith(PREFIX)
            && address.matches("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]|\\s]+):[0-9]{1,5}")
        ? address
        : null;
  }
}
