// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

/**
 * How long to wait before the next try: doubling from 100 ms up to a cap, up to a half taken off at
 * random, so that those whom one outage hit do not come back at once.
 */
final class Backoff {

  private static final long FIRST_NANOS = 100_000_000;
  private static final int MOST_DOUBLINGS = 20;

  private final Home home;
  private final long capNanos;
  private int failures;

  Backoff(Home home, long capNanos) {
    this.home = home;
    this.capNanos = capNanos;
  }

  /** Returns the wait after one more failure, in nanoseconds. */
  long next() {
    long doubled = FIRST_NANOS << Math.min(failures++, MOST_DOUBLINGS);
    return home.jittered(Math.min(doubled, capNanos));
  }

  /** Tells whether it failed since it last succeeded. */
  boolean isFailing() {
    return failures > 0;
  }

  void succeeded() {
    failures = 0;
  }
}
