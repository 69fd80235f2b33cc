// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.Ranges;
import java.time.Duration;

/**
 * How long a registration lives.
 *
 * @param ttl how long the registry keeps the node without a sign of life; zero means for ever; at
 *     most 365 days
 * @param interval how often this process gives a sign of life; zero means never; less than the TTL
 */
public record RegisterOptions(Duration ttl, Duration interval) {

  private static final Duration LONGEST = Duration.ofDays(365);

  /** A TTL of 60 s refreshed every 30 s, go-micro's default. */
  public static final RegisterOptions DEFAULT =
      new RegisterOptions(Duration.ofSeconds(60), Duration.ofSeconds(30));

  /** Kept until it is closed. */
  public static final RegisterOptions FOR_EVER = new RegisterOptions(Duration.ZERO, Duration.ZERO);

  /** Checks the ranges: zero to 365 days, and the interval less than the TTL. */
  public RegisterOptions {
    Ranges.within("ttl", ttl, Duration.ZERO, LONGEST);
    Ranges.within("interval", interval, Duration.ZERO, LONGEST);
    if (!ttl.isZero() && !interval.isZero() && interval.compareTo(ttl) >= 0) {
      throw new IllegalArgumentException(
          "interval: " + interval + " (expected: less than " + ttl + ")");
    }
  }
}
