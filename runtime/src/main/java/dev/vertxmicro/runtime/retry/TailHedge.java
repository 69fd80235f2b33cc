// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import dev.vertxmicro.time.TimeSource;

/**
 * What {@link Hedge.Percentile} knows of one endpoint: its latencies, which give the delay, and a
 * budget without reserve, which bounds the load that hedges add. Latencies alone do not bound it:
 * when everything becomes slow at once, every call passes the delay that was learned before.
 *
 * <p>May be used from any thread.
 */
public final class TailHedge {

  /** No hedge: too few observations, or a delay out of range. */
  public static final long NEVER = LatencyWindow.NEVER;

  private final LatencyWindow latencies;
  private final RetryBudget extraLoad;

  /** Makes the state of one endpoint that nothing is known of. */
  public TailHedge(Hedge.Percentile hedge, TimeSource time) {
    this.latencies = new LatencyWindow(hedge.extraLoad(), time);
    this.extraLoad = new RetryBudget(hedge.extraLoad(), 0, time);
  }

  /** Counts one call; not its hedges. */
  public void callStarted() {
    extraLoad.deposit();
  }

  /** Returns after how many nanoseconds to hedge, or {@link #NEVER}. */
  public long delayNanos() {
    return latencies.delayNanos();
  }

  /** Takes the price of one hedge, if the calls of the last 10 s allow it. */
  public boolean withdraw() {
    return extraLoad.withdraw();
  }

  /** Records how long a call took that was answered, or that ran into its deadline. */
  public void record(long nanos) {
    latencies.record(nanos);
  }

  @Override
  public String toString() {
    return "TailHedge[" + latencies + ", extra load: " + extraLoad + "]";
  }
}
