// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegisterOptionsTest {

  @ParameterizedTest
  @CsvSource({
    "PT-1S, PT0S, ttl: PT-1S (expected: PT0S to PT8760H)",
    "PT8761H, PT0S, ttl: PT8761H (expected: PT0S to PT8760H)",
    "PT1S, PT-1S, interval: PT-1S (expected: PT0S to PT8760H)",
    "PT0S, PT8761H, interval: PT8761H (expected: PT0S to PT8760H)",
    "PT10S, PT10S, interval: PT10S (expected: less than PT10S)"
  })
  void valuesOutOfRangeAreRefusedByName(Duration ttl, Duration interval, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new RegisterOptions(ttl, interval));

    assertEquals(message, refused.getMessage());
  }
}
