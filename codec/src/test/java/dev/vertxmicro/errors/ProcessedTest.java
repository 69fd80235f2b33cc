// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessedTest {

  @ParameterizedTest
  @CsvSource({"NOT_SENT, true", "REFUSED, true", "UNKNOWN, false", "YES, false"})
  void isSafeToResendIfNoServerActed(Processed processed, boolean safe) {
    assertEquals(safe, processed.isSafeToResend());
  }
}
