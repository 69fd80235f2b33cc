// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** How long each {@link Phase} took. Immutable. */
public final class PhaseTimes implements Serializable {

  private static final long serialVersionUID = 1;

  private static final Phase[] PHASES = Phase.values();

  /** No time spent anywhere. */
  public static final PhaseTimes NONE = new PhaseTimes(new long[PHASES.length]);

  private final long[] nanos;

  private PhaseTimes(long[] nanos) {
    this.nanos = nanos;
  }

  /**
   * Returns these times with {@code elapsedNanos} more spent in {@code phase}. Zero and less, as a
   * clock gives between two readings in the same tick, change nothing.
   */
  public PhaseTimes plus(Phase phase, long elapsedNanos) {
    if (elapsedNanos <= 0) {
      return this;
    }
    long[] sum = nanos.clone();
    sum[phase.ordinal()] = saturatedSum(sum[phase.ordinal()], elapsedNanos);
    return new PhaseTimes(sum);
  }

  /** Returns the sum of both, phase by phase. */
  public PhaseTimes plus(PhaseTimes other) {
    if (other.equals(NONE)) {
      return this;
    }
    if (equals(NONE)) {
      return other;
    }
    long[] sum = nanos.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] = saturatedSum(sum[i], other.nanos[i]);
    }
    return new PhaseTimes(sum);
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** Returns the time spent in {@code phase}; zero if it was never entered. */
  public Duration in(Phase phase) {
    return Duration.ofNanos(nanos[phase.ordinal()]);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PhaseTimes times && Arrays.equals(nanos, times.nanos);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(nanos);
  }

  /** Returns for example {@code "select 1 ms, connect 20 ms, wait 979 ms"}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ");
    for (Phase phase : PHASES) {
      long micros = nanos[phase.ordinal()] / 1_000;
      if (micros > 0) {
        String amount = micros >= 1_000 ? micros / 1_000 + " ms" : micros + " us";
        text.add(phase.name().toLowerCase(Locale.ROOT) + " " + amount);
      }
    }
    return text.length() == 0 ? "no time spent" : text.toString();
  }
}
