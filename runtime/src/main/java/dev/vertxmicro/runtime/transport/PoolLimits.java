// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import java.time.Duration;

/**
 * Bounds of the connections to each node.
 *
 * @param size the most connections to one node over all event loops, those that only finish their
 *     last exchanges not counted; at least 1
 * @param ttl the most age of a connection before it gets no new work; zero means no bound
 */
public record PoolLimits(int size, Duration ttl) {

  /** 100 connections of at most 30 min. */
  public static final PoolLimits DEFAULT = new PoolLimits(100, Duration.ofMinutes(30));

  /** Checks the ranges. */
  public PoolLimits {
    if (size < 1) {
      throw new IllegalArgumentException("size: " + size + " (expected: >= 1)");
    }
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("ttl: " + ttl + " (expected: zero or more)");
    }
  }
}
