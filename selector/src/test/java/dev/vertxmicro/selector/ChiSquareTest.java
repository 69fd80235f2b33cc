// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the other tests rely on. */
class ChiSquareTest {

  @Test
  void boundIsThatOfTheTables() {
    assertEquals(16.27, ChiSquare.bound(3), 0.3);
    assertEquals(43.82, ChiSquare.bound(19), 0.2);
    assertEquals(1142.8, ChiSquare.bound(999), 0.2);
  }

  @Test
  void unevenCountsAreFound() {
    ChiSquare.assertEven(Map.of("a", 1_010, "b", 990, "c", 1_000), 3);

    assertThrows(
        AssertionError.class,
        () -> ChiSquare.assertEven(Map.of("a", 1_150, "b", 900, "c", 950), 3));
    assertThrows(
        AssertionError.class, () -> ChiSquare.assertEven(Map.of("a", 1_000, "b", 1_000), 3));
    assertThrows(
        AssertionError.class,
        () -> ChiSquare.assertShares(Map.of("a", 1_000, "b", 1_000), Map.of("a", 1.2, "b", 1.0)));
  }
}
