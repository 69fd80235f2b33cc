// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/**
 * How many of some attempts succeeded, and between which bounds the chance of success lies with a
 * confidence of 95 % (Wilson, "Probable inference, the law of succession, and statistical
 * inference", 1927). The bounds are good for few attempts as well, and for rates near 0 and 1.
 *
 * @param successes how many succeeded
 * @param attempts how many there were
 */
record Rate(long successes, long attempts) {

  private static final double Z = 1.96;

  /** Returns the share of successes, or NaN if there were no attempts. */
  double value() {
    return attempts == 0 ? Double.NaN : (double) successes / attempts;
  }

  /** Returns the least that the chance of success may be. */
  double lowerBound() {
    return bound(-1);
  }

  /** Returns the most that the chance of success may be. */
  double upperBound() {
    return bound(1);
  }

  private double bound(int sign) {
    if (attempts == 0) {
      return sign < 0 ? 0 : 1;
    }
    double n = attempts;
    double p = value();
    double centre = p + Z * Z / (2 * n);
    double margin = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    return (centre + sign * margin) / (1 + Z * Z / n);
  }

  @Override
  public String toString() {
    return successes + " of " + attempts;
  }
}
