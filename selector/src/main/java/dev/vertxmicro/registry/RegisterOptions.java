// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.time.Duration;

/**
 * How long a registration lives.
 *
 * @param ttl how long the registry keeps the node without a sign of life; zero means for ever
 * @param interval how often this process gives a sign of life; zero means never
 */
public record RegisterOptions(Duration ttl, Duration interval) {

  /** A TTL of 60 s refreshed every 30 s, go-micro's default. */
  public static final RegisterOptions DEFAULT =
      new RegisterOptions(Duration.ofSeconds(60), Duration.ofSeconds(30));

  /** Kept until it is closed. */
  public static final RegisterOptions FOR_EVER = new RegisterOptions(Duration.ZERO, Duration.ZERO);

  /** Checks the ranges. */
  public RegisterOptions {
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("ttl: " + ttl + " (expected: zero or more)");
    }
    if (interval.isNegative()) {
      throw new IllegalArgumentException("interval: " + interval + " (expected: zero or more)");
    }
    if (!ttl.isZero() && !interval.isZero() && interval.compareTo(ttl) >= 0) {
      throw new IllegalArgumentException(
          "interval: " + interval + " (expected: less than " + ttl + ")");
    }
  }
}
