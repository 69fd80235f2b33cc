// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import java.util.Locale;

/** What kinds of pins there are, to ask for allocations. */
public enum PinType {
  /** An ordinary pin. */
  PIN,
  /** The entry of a sharded pin. */
  META_PIN,
  /** The list of the shards of a pin. */
  CLUSTERDAG_PIN,
  /** One shard. */
  SHARD_PIN,
  /** All of them. */
  ALL;

  String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
