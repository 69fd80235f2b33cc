// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One pick of one call. The picks of a call are chained, the latest first, so that the call knows
 * what it has tried. Touched on the context of the call only.
 */
class Lease implements Pick {

  private static final byte IDLE = 0;
  private static final byte WAITING = 1;
  private static final byte ANSWERED = 2;
  private static final byte DONE = 3;

  private final @Nullable Lease earlier;
  private @Nullable Candidate candidate;
  private long start;
  private byte stage = IDLE;

  Lease(@Nullable Lease earlier) {
    this.earlier = earlier;
  }

  final void begin(Candidate candidate, long now) {
    this.candidate = candidate;
    this.start = now;
    this.stage = WAITING;
    candidate.state().started(now);
    candidate.state().entry().opened();
  }

  final @Nullable Lease earlier() {
    return earlier;
  }

  final boolean isFor(Candidate other) {
    return candidate != null && candidate.state() == other.state();
  }

  private Candidate candidate() {
    return Objects.requireNonNull(candidate, "candidate");
  }

  @Override
  public final Node node() {
    return candidate().node();
  }

  @Override
  public final void answered() {
    if (stage == WAITING) {
      stage = ANSWERED;
      NodeState state = candidate().state();
      long now = state.entry().now();
      state.answered(start, now);
      state.entry().judge(state, Outcome.SUCCESS, start, probed(), now);
    }
  }

  @Override
  public final void done(Outcome outcome) {
    if (stage == DONE) {
      throw new IllegalStateException("done: called twice for " + node());
    }
    NodeState state = candidate().state();
    ServiceEntry entry = state.entry();
    long now = entry.now();
    boolean isFirstWord = stage == WAITING;
    stage = DONE;
    entry.closed();
    if (isFirstWord) {
      state.ended(outcome.kind(), start, now);
      entry.judge(state, outcome, start, probed(), now);
    } else {
      state.endedAfterAnswer(outcome.kind(), now);
      if (outcome.kind() == Outcome.Kind.FAILURE) {
        entry.judge(state, outcome, start, null, now);
      }
    }
  }

  /** Returns the ejection that this is the probe of, or null if it is none. */
  @Nullable Ejection probed() {
    return null;
  }

  @Override
  public String toString() {
    return "Pick[" + (candidate == null ? "none" : node()) + "]";
  }
}
