// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import java.util.function.LongSupplier;

/**
 * Makes ids in the layout of Twitter's snowflake: 41 bits of milliseconds since 2010-11-04
 * 01:42:54.657 UTC, 10 bits of the node, 12 bits that count within a millisecond. A clock that goes
 * backwards, or more than 4,096 ids in a millisecond, make it run ahead of the clock instead of
 * repeating itself.
 *
 * <p>The original has node 1 in every master; here each term of a leader is a node of its own, so
 * that a leader whose clock is behind its predecessor's does not give the same ids again.
 */
final class Snowflake {

  /** 2010-11-04 01:42:54.657 UTC. */
  static final long EPOCH_MILLIS = 1_288_834_974_657L;

  private static final int NODE_BITS = 10;
  private static final int SEQUENCE_BITS = 12;
  private static final long LAST_SEQUENCE = (1 << SEQUENCE_BITS) - 1;

  private final long node;
  private final LongSupplier epochMillis;
  private long last;
  private long sequence;

  /**
   * Makes ids of one node.
   *
   * @param node of which the last 10 bits count
   */
  Snowflake(long node, LongSupplier epochMillis) {
    this.node = Math.floorMod(node, 1L << NODE_BITS);
    this.epochMillis = epochMillis;
  }

  String next() {
    long now = epochMillis.getAsLong() - EPOCH_MILLIS;
    if (now > last) {
      last = now;
      sequence = 0;
    } else if (sequence == LAST_SEQUENCE) {
      last++;
      sequence = 0;
    } else {
      sequence++;
    }
    return Long.toString(
        (last << (NODE_BITS + SEQUENCE_BITS)) | (node << SEQUENCE_BITS) | sequence);
  }
}
