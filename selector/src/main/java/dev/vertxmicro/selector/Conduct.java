// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a node has behaved: what its outcomes add up to, and its ejection if it has one. The ejection
 * is changed by {@link Ejections} under the lock of the entry, and read without it.
 */
final class Conduct {

  private static final int MOST_STEPS = 1_000_000;
  private static final VarHandle PROBES;

  static {
    try {
      PROBES = MethodHandles.lookup().findVarHandle(Conduct.class, "probes", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tally tally = new Tally();
  private volatile @Nullable Ejection ejection;
  private volatile long judgedFrom;
  private volatile int steps;
  private volatile int probes;

  // Guarded by the lock of the entry.
  private @Nullable Node node;
  private boolean isPresent;
  private long calmFrom;

  /** Begins with a clean record. */
  Conduct(long now) {
    this.judgedFrom = now;
    this.calmFrom = now;
  }

  Tally tally() {
    return tally;
  }

  @Nullable Ejection ejection() {
    return ejection;
  }

  /**
   * Tells whether an attempt that began then says something about the node of now. What began
   * before the node was taken back, or at another address, does not.
   */
  boolean isJudged(long start) {
    return start - judgedFrom >= 0;
  }

  /** Tells whether the node was at another address when it was last seen. */
  boolean isAtAnotherAddress(Node now) {
    return node != null && !node.address().equals(now.address());
  }

  /** Returns the node as the registry named it last. */
  Node node() {
    return Objects.requireNonNull(node, "node");
  }

  void node(Node now) {
    this.node = now;
  }

  /** Tells whether the topology of now has the node. */
  boolean isPresent() {
    return isPresent;
  }

  void isPresent(boolean present) {
    this.isPresent = present;
  }

  /**
   * Returns how many base times the next ejection lasts: one more than the one before, less one for
   * each interval that went by in peace since.
   */
  int nextSteps(long now, long interval) {
    long calm = ejection == null ? Math.max(0, now - calmFrom) / interval : 0;
    return (int) Math.min(Math.max(0, steps - calm) + 1, MOST_STEPS);
  }

  /** Returns how many base times the latest ejection lasts or lasted. */
  int steps() {
    return steps;
  }

  void eject(Ejection next, int steps) {
    this.ejection = next;
    this.steps = steps;
  }

  /** Ends the ejection, if there is one, and judges anew. */
  void acquit(long now) {
    ejection = null;
    tally.clear();
    judgedFrom = now;
    calmFrom = now;
  }

  /** Forgets earlier ejections as well. */
  void forget(long now) {
    acquit(now);
    steps = 0;
  }

  void probed() {
    PROBES.getAndAdd(this, 1);
  }

  /** Returns how many probes there have been. */
  int probes() {
    return probes;
  }
}
