// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.util.AsciiString;

/** Writes a number as the value of a header, without a string in between. */
final class AsciiNumber {

  private static final int TEN = 10;

  private AsciiNumber() {}

  /**
   * Returns decimal digits.
   *
   * @param number zero or more
   */
  static AsciiString of(long number) {
    int digits = digits(number);
    return new AsciiString(write(number, new byte[digits], digits), false);
  }

  /**
   * Returns decimal digits and a unit.
   *
   * @param number zero or more
   */
  static AsciiString of(long number, char unit) {
    int digits = digits(number);
    byte[] text = new byte[digits + 1];
    text[digits] = (byte) unit;
    return new AsciiString(write(number, text, digits), false);
  }

  private static int digits(long number) {
    int digits = 1;
    for (long rest = number / TEN; rest > 0; rest /= TEN) {
      digits++;
    }
    return digits;
  }

  private static byte[] write(long number, byte[] to, int digits) {
    long rest = number;
    for (int i = digits - 1; i >= 0; i--) {
      to[i] = (byte) ('0' + rest % TEN);
      rest /= TEN;
    }
    return to;
  }
}
