// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Judges the nodes of one service by what became of attempts on them. What follows from a judgement
 * is for {@link Ejections} to do.
 *
 * <p>A node fails when several attempts in a row failed or could not reach it, when its success
 * rate is an outlier ({@link SuccessRates}), or when another service answers at its address. Only
 * what the node did counts: {@link Outcome} sorts out our own limits, cancels and the caller's
 * mistakes. Attempts that began before the node was ejected or taken back say nothing either.
 *
 * <p>An answer UNIMPLEMENTED alone is no failure, as the caller may have named an endpoint that no
 * node has. But if a node gave only such answers lately, and the others hardly any, then another
 * service runs at its address. "Hardly any" is a matter of chance: if a share q of the calls go to
 * endpoints that are missing, k such answers in a row happen with q^k, so q must be under a tenth.
 *
 * <p>No timers: the clock is read where picks are taken and where attempts end. Outcomes are
 * counted without a lock and without garbage. Once in an interval the thread of one call compares
 * the success rates.
 */
final class Ejector {

  private static final int FEW = 10;
  private static final VarHandle COMPARE_FROM;

  static {
    try {
      COMPARE_FROM = MethodHandles.lookup().findVarHandle(Ejector.class, "compareFrom", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ServiceEntry entry;
  private final Ejections ejections;
  private final boolean isEnabled;
  private final int consecutiveFailures;
  private final int connectionFailures;
  private final int minCalls;
  private final int minNodes;
  private final long interval;

  private volatile long compareFrom;
  private volatile long lookAroundFrom;

  Ejector(ServiceEntry entry, Ejections ejections, EjectionOptions options) {
    this.entry = entry;
    this.ejections = ejections;
    this.isEnabled = options.isEnabled();
    this.consecutiveFailures = options.getConsecutiveFailures();
    this.connectionFailures = options.getConnectionFailures();
    this.minCalls = options.getMinCalls();
    this.minNodes = options.getMinNodes();
    this.interval = options.getInterval().toNanos();
    this.compareFrom = entry.now() + interval;
    this.lookAroundFrom = entry.now();
  }

  /**
   * Judges an attempt that has ended, or that was answered. Called without the lock.
   *
   * @param start when it began
   * @param probe the ejection that it is the probe of, if any
   */
  void judge(NodeState node, Outcome outcome, long start, @Nullable Ejection probe, long now) {
    if (!isEnabled) {
      return;
    }
    if (probe != null) {
      ejections.probed(node, probe, outcome.kind(), now);
    }
    switch (outcome.kind()) {
      case SUCCESS -> succeeded(node, start, probe, now);
      case FAILURE -> failed(node, outcome, start, probe, now);
      case CANCELLED -> {}
    }
    if (now - compareFrom >= 0) {
      compare(now);
    }
  }

  private void succeeded(NodeState node, long start, @Nullable Ejection probe, long now) {
    Ejection ejection = node.conduct().ejection();
    if (ejection == null) {
      node.conduct().tally().succeeded();
    } else if (ejection == probe || ejection.isOlderThan(start)) {
      ejections.end(node, ejection, now);
    }
  }

  private void failed(
      NodeState node, Outcome outcome, long start, @Nullable Ejection probe, long now) {
    Ejection ejection = node.conduct().ejection();
    if (ejection == null) {
      EjectionCause cause = node.conduct().isJudged(start) ? count(node, outcome, now) : null;
      if (cause != null) {
        ejections.begin(node, cause, outcome.failure(), now);
      }
    } else if (ejection == probe || isProbedBy(ejection, start, now)) {
      ejections.renew(node, ejection, outcome.failure(), now);
    }
  }

  /** In panic, or while the ejection is withheld, attempts that are no probes do as such. */
  private boolean isProbedBy(Ejection ejection, long start, long now) {
    return ejection.isOlderThan(start)
        && (ejection.overFor(now) >= 0 || (ejection.isWithheld() && ejections.hasRoom()));
  }

  /** Counts a failure; returns what it is enough for, or null. */
  private @Nullable EjectionCause count(NodeState node, Outcome outcome, long now) {
    Tally tally = node.conduct().tally();
    if (outcome.isUnimplemented()) {
      tally.unimplemented();
      return isEnough(tally.unimplementedInARow(), consecutiveFailures) && othersAnswer(node, now)
          ? EjectionCause.ADDRESS_REUSED
          : null;
    }
    tally.failed(outcome.isUnreached());
    if (isEnough(tally.unreachedInARow(), connectionFailures)) {
      return EjectionCause.CONNECTION_FAILURES;
    }
    return isEnough(tally.failuresInARow(), consecutiveFailures)
        ? EjectionCause.CONSECUTIVE_FAILURES
        : null;
  }

  private static boolean isEnough(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  /**
   * Tells whether the other nodes answer as they should, and hardly ever UNIMPLEMENTED. Cost O(n),
   * so at most a tenth of the time is spent on it.
   */
  private boolean othersAnswer(NodeState node, long now) {
    if (now - lookAroundFrom < 0) {
      return false;
    }
    long successes = 0;
    long unimplemented = 0;
    for (NodeState other : ejections.nodes()) {
      if (other != node) {
        successes += other.conduct().tally().successesLately();
        unimplemented += other.conduct().tally().unimplementedLately();
      }
    }
    long end = entry.now();
    lookAroundFrom = end + (FEW - 1) * Math.max(0, end - now);
    return successes >= consecutiveFailures && unimplemented * FEW < successes + unimplemented;
  }

  /** Compares the success rates and begins a new interval, unless another thread does. */
  private void compare(long now) {
    long from = compareFrom;
    if (now - from < 0 || !COMPARE_FROM.compareAndSet(this, from, now + interval)) {
      return;
    }
    NodeState[] nodes = ejections.nodes();
    for (NodeState node : nodes) {
      node.conduct().tally().nextInterval();
    }
    ejections.endUnprobed(now);
    if (minCalls > 0) {
      SuccessRates rates = new SuccessRates(nodes, minCalls);
      for (NodeState node : rates.withoutSuccess()) {
        ejections.begin(node, EjectionCause.NO_SUCCESS, null, now);
      }
      for (NodeState node : rates.outliers(minNodes)) {
        ejections.begin(node, EjectionCause.SUCCESS_RATE, null, now);
      }
    }
  }
}
