// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ejected nodes of a {@link View}, each of which one pick takes as a probe when that is due.
 * Lock-free; a pick that finds none due before the instant that is remembered costs one read, else
 * O(n).
 */
final class Probes {

  /** 1 s: how soon a probe is noticed that was given up. */
  private static final long LONGEST_REST_NANOS = 1_000_000_000L;

  private final Candidate[] ejected;
  private volatile long restUntil;

  Probes(List<Candidate> ejected, long now) {
    this.ejected = ejected.toArray(Candidate[]::new);
    this.restUntil = now;
  }

  /** Takes a probe that is due, of a node that the call has not tried. */
  @Nullable Probe take(Choice call, @Nullable Lease latest, long now) {
    if (now - restUntil < 0) {
      return null;
    }
    long rest = LONGEST_REST_NANOS;
    for (Candidate candidate : ejected) {
      Conduct conduct = candidate.state().conduct();
      Ejection ejection = conduct.ejection();
      if (ejection == null) {
        continue;
      }
      if (!call.hasTried(candidate) && ejection.claim(now)) {
        conduct.probed();
        Probe probe = new Probe(latest, ejection);
        probe.begin(candidate, now);
        return probe;
      }
      rest = Math.min(rest, Math.max(0, ejection.probeFrom() - now));
    }
    restUntil = now + rest;
    return null;
  }
}
