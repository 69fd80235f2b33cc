// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.codec.Ranges;
import java.time.Duration;

/**
 * How an election is held.
 *
 * @param ttl after what silence a leader is replaced, 100 ms to 1 h; etcd takes whole seconds;
 *     Consul may wait twice as long, and refuses less than its {@code session_ttl_min}, 10 s
 * @param lockDelay for how long Consul gives a lock that was lost to nobody, zero to 60 s
 */
public record ElectionOptions(Duration ttl, Duration lockDelay) {

  /** 5 s, as the original's sessions, and 1 s. */
  public static final ElectionOptions DEFAULT =
      new ElectionOptions(Duration.ofSeconds(5), Duration.ofSeconds(1));

  /** Checks the ranges. */
  public ElectionOptions {
    Ranges.within("ttl", ttl, Duration.ofMillis(100), Duration.ofHours(1));
    Ranges.within("lockDelay", lockDelay, Duration.ZERO, Duration.ofSeconds(60));
  }

  /** How often a sign of life is given. */
  Duration interval() {
    return ttl.dividedBy(4);
  }

  /** How long to wait after a failure. */
  Duration pause() {
    Duration most = Duration.ofMillis(500);
    return interval().compareTo(most) < 0 ? interval() : most;
  }
}
