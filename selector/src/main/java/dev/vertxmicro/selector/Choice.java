// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import org.jspecify.annotations.Nullable;

/**
 * The choice of one call, which is also its first pick and what strategies see of the call: most
 * calls pick once, and so cost one object. Touched on the context of the call only.
 */
class Choice extends Lease implements Next, PickRequest {

  private static final byte ALL = 0;
  private static final byte LATEST = 1;
  private static final byte NONE = 2;

  private final Route route;
  private @Nullable Lease latest;
  private byte avoided = ALL;

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
    Candidate candidate = pick(view, now);
    Lease lease = latest == null ? this : new Lease(latest);
    lease.begin(candidate, now);
    latest = lease;
    return lease;
  }

  private Candidate pick(View view, long now) {
    avoided = ALL;
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
    if (latest == null || avoided == NONE) {
      return false;
    }
    if (avoided == LATEST) {
      return latest.isFor(candidate);
    }
    for (Lease lease = latest; lease != null; lease = lease.earlier()) {
      if (lease.isFor(candidate)) {
        return true;
      }
    }
    return false;
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
