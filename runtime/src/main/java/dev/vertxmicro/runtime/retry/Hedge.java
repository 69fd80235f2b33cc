// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import java.time.Duration;

/**
 * When to send an idempotent call to a second node although the first may still answer (Dean and
 * Barroso, "The Tail at Scale", 2013; gRFC A6). A call retries or hedges, not both.
 */
public sealed interface Hedge {

  /** Hedges are off. */
  Hedge OFF = new Off();

  /** Returns the most attempts of one call, the first included; at least 1. */
  int maxAttempts();

  /**
   * Starts another attempt each time {@code delay} passes without a reply.
   *
   * @param delay the wait; zero starts all attempts at once
   * @param maxAttempts the most attempts, 2 to 5
   */
  record After(Duration delay, int maxAttempts) implements Hedge {
    /** Checks the ranges. */
    public After {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("delay: " + delay + " (expected: zero or more)");
      }
      checkAttempts(maxAttempts);
    }
  }

  /**
   * Starts a second attempt when a call takes longer than all but {@code extraLoad} of the calls to
   * the same endpoint in the last 30 s, but after 1 ms at the earliest (Finagle {@code
   * BackupRequestFilter}). No hedge until there are 100 observations, nor after 2 s or more, nor
   * once {@code extraLoad} of the calls of the last 10 s have been hedged.
   *
   * @param extraLoad the share of calls that may be sent twice, above 0 and at most 0.5
   */
  record Percentile(double extraLoad) implements Hedge {
    /** Checks the range. */
    public Percentile {
      if (!(extraLoad > 0 && extraLoad <= 0.5)) {
        throw new IllegalArgumentException(
            "extraLoad: " + extraLoad + " (expected: above 0, at most 0.5)");
      }
    }

    @Override
    public int maxAttempts() {
      return 2;
    }
  }

  /** Sends no second request. */
  record Off() implements Hedge {
    @Override
    public int maxAttempts() {
      return 1;
    }
  }

  private static void checkAttempts(int maxAttempts) {
    if (maxAttempts < 2 || maxAttempts > 5) {
      throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: 2 to 5)");
    }
  }
}
