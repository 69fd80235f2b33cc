// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

/** Tells whether counts could have come from certain shares by chance. */
final class ChiSquare {

  /** What a standard normal variable exceeds with a probability of 0.001. */
  private static final double ONE_IN_THOUSAND = 3.0902;

  private ChiSquare() {}

  /** Asserts p > 0.001 for the hypothesis that all have the same share. */
  static void assertEven(Map<String, Integer> counts, int expectedSize) {
    double mean =
        counts.values().stream().mapToInt(Integer::intValue).sum() / (double) expectedSize;
    double missing = (expectedSize - counts.size()) * mean;
    double sum = counts.values().stream().mapToDouble(c -> (c - mean) * (c - mean) / mean).sum();
    assertPlausible(sum + missing, expectedSize - 1);
  }

  /** Asserts p > 0.001 for the hypothesis that the shares are in proportion to {@code weights}. */
  static void assertShares(Map<String, Integer> counts, Map<String, Double> weights) {
    double total = counts.values().stream().mapToInt(Integer::intValue).sum();
    double weight = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    double sum = 0;
    for (Map.Entry<String, Double> each : weights.entrySet()) {
      double expected = total * each.getValue() / weight;
      double difference = counts.getOrDefault(each.getKey(), 0) - expected;
      sum += difference * difference / expected;
    }
    assertPlausible(sum, weights.size() - 1);
  }

  private static void assertPlausible(double statistic, int freedom) {
    double bound = bound(freedom);
    assertTrue(
        statistic < bound,
        () -> "chi-square " + statistic + " with " + freedom + " degrees, p = 0.001 at " + bound);
  }

  /** The statistic at p = 0.001 (Wilson, Hilferty, 1931). */
  static double bound(int freedom) {
    double scale = 2.0 / (9 * freedom);
    double root = 1 - scale + ONE_IN_THOUSAND * Math.sqrt(scale);
    return freedom * root * root * root;
  }
}
