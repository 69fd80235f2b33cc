// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The better of two nodes drawn at random by {@link PeakEwma} load; see {@link PairPicker}.
 *
 * @param decay how fast what was learned fades
 * @param failurePenalty the most that a failure counts as if it took less
 */
record PowerOfTwoStrategy(Duration decay, Duration failurePenalty) implements Strategy {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  static final PowerOfTwoStrategy DEFAULT =
      new PowerOfTwoStrategy(Duration.ofSeconds(10), Duration.ofSeconds(5));

  PowerOfTwoStrategy {
    if (decay.compareTo(SHORTEST) < 0 || decay.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "decay: " + decay + " (expected: " + SHORTEST + " to " + LONGEST + ")");
    }
    if (failurePenalty.isNegative() || failurePenalty.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "failurePenalty: " + failurePenalty + " (expected: zero to " + LONGEST + ")");
    }
  }

  @Override
  public Load newLoad() {
    return new PeakEwma(decay.toNanos(), failurePenalty.toNanos());
  }

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new PairPicker(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.powerOfTwo(decay=" + decay + ", failurePenalty=" + failurePenalty + ")";
  }
}
