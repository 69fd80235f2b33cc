// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.random.RandomGenerator;

/**
 * The one with fewer attempts in flight, in relation to its weight, of two nodes drawn at random in
 * proportion to their weights; see {@link PairPicker} (gRFC A48 and Envoy's least request with two
 * choices).
 *
 * <p>If weights differ, Envoy leaves the power of two and schedules by weight / (inFlight + 1),
 * which needs a queue under a lock. Drawing by weight and comparing inFlight / weight needs none,
 * gives each its share while little is in flight, and evens out inFlight / weight under load.
 */
enum PowerOfTwoLeastRequestsStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new PairPicker(candidates, random);
  }

  @Override
  public Load newLoad() {
    return InFlight.INSTANCE;
  }

  @Override
  public String toString() {
    return "Strategy.powerOfTwoLeastRequests()";
  }

  /** The load that is how much is in flight. */
  private enum InFlight implements Load {
    INSTANCE;

    @Override
    public void observe(Outcome.Kind kind, long elapsedNanos, long now) {}

    @Override
    public double value(double inFlight, long ageNanos, long now) {
      return inFlight;
    }

    @Override
    public void reset() {}
  }
}
