// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import java.time.Duration;
import java.util.Objects;

/**
 * Checks the values of options. Each method returns the value it was given, or throws an {@link
 * IllegalArgumentException} that names the option, the value and what was expected.
 */
public final class Ranges {

  private Ranges() {}

  /** Checks a whole number; both bounds are allowed. */
  public static int within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw unfit(name, value, least + " to " + most);
    }
    return value;
  }

  /** Checks a number; both bounds are allowed, and NaN is not. */
  public static double within(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw unfit(name, value, least + " to " + most);
    }
    return value;
  }

  /** Checks a duration; both bounds are allowed. */
  public static Duration within(String name, Duration value, Duration least, Duration most) {
    Objects.requireNonNull(value, name);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw unfit(name, value, least + " to " + most);
    }
    return value;
  }

  /** Checks that a duration is above zero. */
  public static Duration positive(String name, Duration value) {
    if (notNegative(name, value).isZero()) {
      throw unfit(name, value, "above zero");
    }
    return value;
  }

  /** Checks that a duration is zero or more. */
  public static Duration notNegative(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative()) {
      throw unfit(name, value, "zero or more");
    }
    return value;
  }

  /** Checks that a text has a character that is not white space. */
  public static String notBlank(String name, String value) {
    Objects.requireNonNull(value, name);
    if (value.isBlank()) {
      throw unfit(name, "'" + value + "'", "not blank");
    }
    return value;
  }

  private static IllegalArgumentException unfit(String name, Object value, String expected) {
    return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
  }
}
