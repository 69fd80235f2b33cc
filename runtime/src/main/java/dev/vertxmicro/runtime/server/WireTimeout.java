// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import org.jspecify.annotations.Nullable;

/**
 * Reads the two ways in which callers say how long they wait, to the nanosecond: Vert.x' own gRPC
 * server cuts both to milliseconds and takes what is shorter for no timeout at all.
 */
final class WireTimeout {

  /** What {@link #nanos} returns when the caller sets no bound. */
  static final long NONE = -1;

  private static final int MAX_GRPC_DIGITS = 8;
  private static final int MAX_NANO_DIGITS = 18;

  private WireTimeout() {}

  /**
   * Returns the shorter of both in nanoseconds, {@link #NONE} if there is none. Garbage counts as
   * absent, as go-micro has it.
   *
   * @param timeout go-micro's header: decimal nanoseconds
   * @param grpcTimeout gRPC's header: up to 8 digits and one of {@code HMSmun}
   */
  static long nanos(@Nullable String timeout, @Nullable String grpcTimeout) {
    long micro = timeout == null ? NONE : digits(timeout, timeout.length(), MAX_NANO_DIGITS);
    long grpc = grpcTimeout == null ? NONE : grpcNanos(grpcTimeout);
    if (micro < 0 || grpc < 0) {
      return Math.max(micro, grpc);
    }
    return Math.min(micro, grpc);
  }

  private static long grpcNanos(String text) {
    int last = text.length() - 1;
    long amount = last < 0 ? NONE : digits(text, last, MAX_GRPC_DIGITS);
    if (amount < 0) {
      return NONE;
    }
    long unit =
        switch (text.charAt(last)) {
          case 'H' -> 3_600_000_000_000L;
          case 'M' -> 60_000_000_000L;
          case 'S' -> 1_000_000_000L;
          case 'm' -> 1_000_000L;
          case 'u' -> 1_000L;
          case 'n' -> 1L;
          default -> 0L;
        };
    if (unit == 0) {
      return NONE;
    }
    return amount > Long.MAX_VALUE / unit ? Long.MAX_VALUE : amount * unit;
  }

  /** Returns the number in the first {@code end} characters, or NONE if it is not one. */
  private static long digits(String text, int end, int most) {
    if (end == 0 || end > most) {
      return NONE;
    }
    long value = 0;
    for (int i = 0; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NONE;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
