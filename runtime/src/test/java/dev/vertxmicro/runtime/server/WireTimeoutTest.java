// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTimeoutTest {

  @ParameterizedTest
  @CsvSource({
    "1H, 3600000000000",
    "2M, 120000000000",
    "3S, 3000000000",
    "4m, 4000000",
    "500u, 500000",
    "999999n, 999999",
    "0n, 0",
    "99999999H, 9223372036854775807",
  })
  void readsGrpcsUnits(String text, long nanos) {
    assertEquals(nanos, WireTimeout.nanos(null, text));
  }

  @ParameterizedTest
  @CsvSource({"''", "S", "5", "5s", "-5S", "123456789S", "1.5S", "5 S", "+5S", "\u0665S"})
  void takesGarbageForNone(String text) {
    assertEquals(WireTimeout.NONE, WireTimeout.nanos(null, text));
    assertEquals(7, WireTimeout.nanos("7", text));
  }

  @ParameterizedTest
  @CsvSource({
    "30000000000, 30000000000",
    "999, 999",
    "0, 0",
    "-1, -1",
    "'', -1",
    "1s, -1",
    "1234567890123456789, -1",
  })
  void readsGoMicrosNanoseconds(String text, long nanos) {
    assertEquals(nanos, WireTimeout.nanos(text, null));
  }

  @ParameterizedTest
  @CsvSource({"1000, 2u, 1000", "3000, 2u, 2000", "x, 2u, 2000", "1000, x, 1000", "x, x, -1"})
  void takesTheShorter(String timeout, String grpcTimeout, long nanos) {
    assertEquals(nanos, WireTimeout.nanos(timeout, grpcTimeout));
  }
}
