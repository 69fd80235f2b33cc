// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import org.jspecify.annotations.Nullable;

/**
 * The choice of one call, which is also its first pick and what strategies see of the call: most
 * calls pick once, and so cost one object. Touched on the context of the call only.
 */
class Choice extends Lease implements Next, PickRequest {

  // What a pick avoids, the most first.
  private static final byte TRIED_AND_EJECTED = 0;
  private static final byte LATEST_AND_EJECTED = 1;
  private static final byte EJECTED = 2;
  private static final byte NONE = 3;

  private final Route route;
  private @Nullable Lease latest;
  private byte avoided = TRIED_AND_EJECTED;

  private Choice(Route route) {
    super(null);
    this.route = route;
  }

  static Choice open(Route route, @Nullable String key) {
    return key == null ? new Choice(route) : new Keyed(route, key);
  }

  @Override
  public final Pick next() {
    View view = route.live();
    if (view.isEmpty()) {
      throw view.failure();
    }
    long now = route.entry().now();
    Probe probe = view.probe(this, latest, now);
    if (probe != null) {
      latest = probe;
      return probe;
    }
    Candidate candidate = pick(view, now);
    Lease lease = latest == null ? this : new Lease(latest);
    lease.begin(candidate, now);
    latest = lease;
    return lease;
  }

  private Candidate pick(View view, long now) {
    avoided = TRIED_AND_EJECTED;
    Candidate candidate = view.pick(this, now);
    while (candidate == null && avoided < NONE) {
      avoided++;
      candidate = view.pick(this, now);
    }
    if (candidate == null) {
      throw new IllegalStateException(view + ": picked none although none was to be avoided");
    }
    return candidate;
  }

  @Override
  public final int size() {
    return route.live().size();
  }

  @Override
  public @Nullable String key() {
    return null;
  }

  @Override
  public final boolean tried(Candidate candidate) {
    return switch (avoided) {
      case TRIED_AND_EJECTED -> hasTried(candidate) || isEjected(candidate);
      case LATEST_AND_EJECTED -> isLatest(candidate) || isEjected(candidate);
      case EJECTED -> isEjected(candidate);
      default -> false;
    };
  }

  /** Tells whether the call has picked that node before. */
  final boolean hasTried(Candidate candidate) {
    for (Lease lease = latest; lease != null; lease = lease.earlier()) {
      if (lease.isFor(candidate)) {
        return true;
      }
    }
    return false;
  }

  private boolean isLatest(Candidate candidate) {
    return latest != null && latest.isFor(candidate);
  }

  /** The picker may have been prepared a moment before the node was ejected. */
  private static boolean isEjected(Candidate candidate) {
    return candidate.health() == Health.EJECTED;
  }

  @Override
  public final long inFlight() {
    return route.entry().inFlight();
  }

  /** The choice of a call that has an affinity key. */
  private static final class Keyed extends Choice {

    private final String key;

    Keyed(Route route, String key) {
      super(route);
      this.key = key;
    }

    @Override
    public String key() {
      return key;
    }
  }
}
