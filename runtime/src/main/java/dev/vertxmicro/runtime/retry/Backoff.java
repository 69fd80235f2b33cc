// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before an attempt. Asked before every attempt, the first (0) included, as
 * go-micro does. Stateless; runs on the context of the call and must not block.
 */
@FunctionalInterface
public interface Backoff {

  /**
   * Returns the wait before attempt {@code attempt}.
   *
   * @param call the call
   * @param attempt 0 before the first attempt, n before the n-th retry
   * @return zero or less for no wait
   */
  Duration delay(CallInfo call, int attempt);

  /** Never waits. */
  static Backoff none() {
    return new Fixed(Duration.ZERO);
  }

  /**
   * Waits the same before each retry, not before the first attempt.
   *
   * @param delay the wait, zero or more
   */
  static Backoff fixed(Duration delay) {
    return new Fixed(delay);
  }

  /**
   * Waits a random time between zero and {@code base * 2^(n-1)}, at most {@code cap}, before retry
   * n ("full jitter"; AWS Architecture Blog, 2015). The default: 25 ms, 1 s.
   *
   * @param base the bound of the first wait, above zero
   * @param cap the bound of every wait, at least {@code base}, at most a day
   */
  static Backoff fullJitter(Duration base, Duration cap) {
    return fullJitter(base, cap, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * Like {@link #fullJitter(Duration, Duration)} with randomness of the caller's.
   *
   * @param random supplies values in [0, 1)
   */
  static Backoff fullJitter(Duration base, Duration cap, DoubleSupplier random) {
    return new FullJitter(base, cap, random);
  }

  /**
   * Waits as go-micro does: {@code floor(n^e) * 100 ms} before attempt n, the first (0) included
   * without a wait, 2 min from the 14th on, no jitter (go-micro {@code util/backoff}).
   */
  static Backoff goMicro() {
    return new GoMicro();
  }

  /**
   * The same wait before each retry.
   *
   * @param pause how long
   */
  record Fixed(Duration pause) implements Backoff {
    /** Checks the range. */
    public Fixed {
      if (pause.isNegative()) {
        throw new IllegalArgumentException("delay: " + pause + " (expected: zero or more)");
      }
    }

    @Override
    public Duration delay(CallInfo call, int attempt) {
      return attempt == 0 ? Duration.ZERO : pause;
    }
  }

  /**
   * Exponential bounds with full jitter.
   *
   * @param base the bound of the first wait
   * @param cap the bound of every wait
   * @param random values in [0, 1)
   */
  record FullJitter(Duration base, Duration cap, DoubleSupplier random) implements Backoff {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Checks the ranges. */
    public FullJitter {
      if (base.isNegative() || base.isZero()) {
        throw new IllegalArgumentException("base: " + base + " (expected: above zero)");
      }
      if (cap.compareTo(base) < 0) {
        throw new IllegalArgumentException("cap: " + cap + " (expected: at least " + base + ")");
      }
      if (cap.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("cap: " + cap + " (expected: at most " + LONGEST + ")");
      }
      Objects.requireNonNull(random, "random");
    }

    @Override
    public Duration delay(CallInfo call, int attempt) {
      if (attempt == 0) {
        return Duration.ZERO;
      }
      double bound = Math.min((double) cap.toNanos(), base.toNanos() * Math.pow(2, attempt - 1));
      return Duration.ofNanos((long) (bound * random.getAsDouble()));
    }

    @Override
    public String toString() {
      return "Backoff.fullJitter(" + base + ", " + cap + ")";
    }
  }

  /** go-micro's polynomial. */
  record GoMicro() implements Backoff {
    @Override
    public Duration delay(CallInfo call, int attempt) {
      return attempt > 13
          ? Duration.ofMinutes(2)
          : Duration.ofMillis(100L * (long) Math.pow(attempt, Math.E));
    }
  }
}
