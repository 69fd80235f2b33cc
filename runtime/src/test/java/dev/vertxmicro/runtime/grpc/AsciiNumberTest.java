// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiNumberTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 9, 10, 99, 100, 29_996_795_123L, Long.MAX_VALUE})
  void isWhatJavaWrites(long number) {
    assertEquals(Long.toString(number), AsciiNumber.of(number).toString());
    assertEquals(number + "u", AsciiNumber.of(number, 'u').toString());
  }
}
