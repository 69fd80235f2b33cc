// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 2s}, {@code 1.5s}, {@code 5m} or {@code 1h}. */
final class DurationConverter implements ITypeConverter<Duration> {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?)(ms|s|m|h)");

  private static final double MOST_MILLIS = 8_760 * 3_600_000.0;

  /** Made by the command line. */
  DurationConverter() {}

  @Override
  public Duration convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException("'" + text + "' (expected: 500ms, 2s, 5m or 1h)");
    }
    double millis =
        switch (matcher.group(2)) {
          case "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          default -> 3_600_000;
        };
    double all = Double.parseDouble(matcher.group(1)) * millis;
    if (all > MOST_MILLIS) {
      throw new TypeConversionException("'" + text + "' (expected: at most 8760h)");
    }
    return Duration.ofNanos(Math.round(all * 1_000_000));
  }
}
