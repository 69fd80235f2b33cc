// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import org.jspecify.annotations.Nullable;

/** What a {@link Picker} may know about the call it picks for. Valid during the pick only. */
public interface PickRequest {

  /** Returns the affinity key, or null if the call has none. */
  @Nullable String key();

  /**
   * Tells whether the call should not get this candidate: it has tried the node, or the node was
   * ejected after the picker was prepared. Cost O(picks of this call so far).
   */
  boolean tried(Candidate candidate);

  /**
   * Returns how many attempts are open now on all nodes of the service, of this process: those on
   * nodes that cannot be picked included. May be off by what other threads do meanwhile.
   */
  long inFlight();
}
