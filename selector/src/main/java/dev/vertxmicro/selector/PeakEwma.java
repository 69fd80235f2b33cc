// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Latency as a moving average that jumps to a peak at once and comes down slowly (Finagle {@code
 * PeakEwma.scala}; time-weighted after Eckner, "Algorithms for unevenly spaced time series").
 *
 * <p>With c the cost in ns, dt the time since the last sample, tau the decay, and d = c * exp(-dt /
 * tau) the cost of now: a sample x makes the cost x if x is more than d, else d + x * (1 - exp(-dt
 * / tau)). The value is max(d, age) * (inFlight + 1).
 *
 * <p>Where it differs from the source:
 *
 * <ul>
 *   <li>Reading changes nothing; there a read is a sample of 0.
 *   <li>A failure is a sample of 4 times the cost that was last measured, up to the failure
 *       penalty, else nodes that fail fast would look the best. Linkerd's load biaser, whose idea
 *       it is, takes the penalty at once: then a single failure keeps a node away for tau * ln(5 s
 *       / 10 ms), a minute. So it is 14 s, and a node that goes on failing still reaches the
 *       penalty with the fifth failure. A node that was never measured has no such measure, so it
 *       takes the penalty at once.
 *   <li>A cancelled attempt raises the cost to its length, and never lowers it: the node took at
 *       least that long. If it told nothing, a node that loses every race against a hedge would
 *       stay unmeasured, and so the most attractive.
 *   <li>The mean age of what is in flight counts if it is more than the cost, so that a node that
 *       hangs is noticed before its attempts time out. (Attempts that progress evenly are half as
 *       old on average as they will become, so the age is the lesser for nodes that work.)
 * </ul>
 *
 * <p>A node that was never measured costs nothing while nothing is in flight, and more than any
 * other while something is: one attempt at a time finds out.
 *
 * <p>Lock-free: cost (a float) and instant (units of 2^16 ns, 65.5 us) are one long, replaced by
 * compare-and-set. The instant wraps around after 78 hours; a node idle for more than half of that
 * costs 1 ns, the least.
 */
final class PeakEwma implements Load {

  private static final double UNMEASURED = 1L << 47;
  private static final int UNIT_BITS = 16;
  private static final int STALE_UNITS = -(1 << 16);

  /**
   * After so many decays less than 1 ns is left of any latency, and exp would take its slow path.
   */
  private static final double FADED = 45;

  private static final double FAILURE_FACTOR = 4;

  private static final VarHandle COST_AND_INSTANT;

  static {
    try {
      COST_AND_INSTANT =
          MethodHandles.lookup().findVarHandle(PeakEwma.class, "costAndInstant", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final double unitsPerDecay;
  private final double failurePenalty;
  private volatile long costAndInstant;

  /**
   * Makes a load that was never measured.
   *
   * @param decayNanos tau
   * @param failurePenaltyNanos the most that a failure costs that took less
   */
  PeakEwma(long decayNanos, long failurePenaltyNanos) {
    this.unitsPerDecay = (double) decayNanos / (1 << UNIT_BITS);
    this.failurePenalty = (double) failurePenaltyNanos;
  }

  @Override
  public void observe(Outcome.Kind kind, long elapsedNanos, long now) {
    double elapsed = (double) elapsedNanos;
    long before;
    long after;
    do {
      before = costAndInstant;
      after =
          switch (kind) {
            case SUCCESS -> sampled(before, elapsed, now);
            case FAILURE -> sampled(before, Math.max(elapsed, penalty(before)), now);
            case CANCELLED -> raised(before, elapsed, now);
          };
    } while (before != after && !COST_AND_INSTANT.compareAndSet(this, before, after));
  }

  /** By the cost as it was measured, not decayed: a node that was idle is no better for that. */
  private double penalty(long before) {
    double cost = cost(before);
    return cost == 0 ? failurePenalty : Math.min(failurePenalty, FAILURE_FACTOR * cost);
  }

  private long sampled(long before, double sample, long now) {
    double weight = weight(before, now);
    double decayed = cost(before) * weight;
    return packed(sample > decayed ? sample : decayed + sample * (1 - weight), now);
  }

  private long raised(long before, double sample, long now) {
    return sample > cost(before) * weight(before, now) ? packed(sample, now) : before;
  }

  @Override
  public double value(double inFlight, long ageNanos, long now) {
    long packed = costAndInstant;
    double cost = cost(packed);
    if (cost == 0) {
      return inFlight == 0 ? 0 : UNMEASURED + inFlight;
    }
    double decayed = Math.max(1, cost * weight(packed, now));
    return Math.max(decayed, (double) ageNanos) * (inFlight + 1);
  }

  @Override
  public void reset() {
    costAndInstant = 0;
  }

  /** Cost 0 is for those never measured, so that the least is 1. */
  private static long packed(double cost, long now) {
    long bits = Float.floatToRawIntBits((float) Math.max(1, cost));
    return bits << 32 | (now >> UNIT_BITS & 0xffff_ffffL);
  }

  private static double cost(long packed) {
    return Float.intBitsToFloat((int) (packed >>> 32));
  }

  /** exp(-dt / tau). Other threads' clock readings may be a little ahead: dt is 0 then. */
  private double weight(long packed, long now) {
    int units = (int) (now >> UNIT_BITS) - (int) packed;
    if (units < STALE_UNITS) {
      return 0;
    }
    if (units <= 0) {
      return 1;
    }
    double decays = units / unitsPerDecay;
    return decays > FADED ? 0 : Math.exp(-decays);
  }

  @Override
  public String toString() {
    return "PeakEwma[" + (long) cost(costAndInstant) + " ns when last measured]";
  }
}
