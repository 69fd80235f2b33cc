// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.util.AsciiString;

/** The value of {@code grpc-timeout}: at most 8 digits and a unit (gRPC's PROTOCOL-HTTP2.md). */
final class GrpcTimeout {

  private static final long MOST = 99_999_999;
  private static final char[] UNITS = {'n', 'u', 'm', 'S', 'M', 'H'};
  private static final int[] FACTORS = {1, 1_000, 1_000, 1_000, 60, 60};

  private GrpcTimeout() {}

  /** As {@link #ascii}. */
  static String text(long nanos) {
    return ascii(nanos).toString();
  }

  /** Returns {@code nanos}, above 0, in the finest unit that fits, rounded down. */
  static AsciiString ascii(long nanos) {
    long value = nanos;
    int unit = 0;
    while (value > MOST && unit < UNITS.length - 1) {
      value /= FACTORS[++unit];
    }
    return AsciiNumber.of(Math.min(value, MOST), UNITS[unit]);
  }
}
