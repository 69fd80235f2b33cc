// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpcTimeoutTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1n",
    "99999999, 99999999n",
    "100000000, 100000u",
    "29996795123, 29996795u",
    "99999999999, 99999999u",
    "100000000000, 100000m",
    "259200000000000, 259200S",
    "99999999999999999, 99999999S",
    "100000000000000000, 1666666M",
    "5999999999999999999, 99999999M",
    "6000000000000000000, 1666666H",
    "9223372036854775806, 2562047H"
  })
  void hasTheFinestUnitThatFits(long nanos, String text) {
    assertEquals(text, GrpcTimeout.text(nanos));
    assertEquals(text, GrpcTimeout.ascii(nanos).toString());
  }
}
