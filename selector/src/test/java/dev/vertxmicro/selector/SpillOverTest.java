// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpillOverTest {

  /** Envoy's overprovisioning factor is 1.4. */
  private static final SpillOver ENVOY = new SpillOver(1 / 1.4);

  @ParameterizedTest
  @CsvSource({
    // The table of Envoy's documentation, "Priority levels": own healthy %, elsewhere healthy %,
    // % that leaves.
    "100, 100, 0",
    "72, 72, 0",
    "71, 71, 1",
    "50, 50, 30",
    "25, 100, 65",
    "25, 25, 50",
    "0, 100, 100"
  })
  void leavesAsMuchAsInEnvoysTable(int own, int elsewhere, double away) {
    assertEquals(away / 100, ENVOY.away(own, 100, elsewhere, 100), 0.01);
  }

  @ParameterizedTest
  @CsvSource({
    // h, n, H, N, away
    "10, 10, 20, 20, 0",
    "7, 10, 20, 20, 0",
    "5, 10, 20, 20, 0.2857",
    "1, 10, 20, 20, 0.8571",
    "0, 10, 20, 20, 1",
    "0, 0, 20, 20, 1",
    "10, 10, 0, 0, 0",
    "1, 10, 0, 0, 0",
    "1, 10, 0, 20, 0",
    "0, 10, 0, 20, 0",
    "0, 0, 0, 0, 0",
    "1, 10, 1, 10, 0.5",
    "2, 10, 1, 10, 0.3333"
  })
  void leavesWhatTheZoneCannotTake(int h, int n, int h2, int n2, double away) {
    assertEquals(away, new SpillOver(0.7).away(h, n, h2, n2), 1e-4);
  }

  @Test
  void thresholdOfZeroKeepsAllAsLongAsOneNodeIsHealthy() {
    SpillOver strict = new SpillOver(0);

    assertEquals(0, strict.away(1, 1_000, 10, 10));
    assertEquals(1, strict.away(0, 1_000, 10, 10));
  }

  @Test
  void thresholdOfOneLeavesForEachNodeThatIsMissing() {
    assertEquals(0.1, new SpillOver(1).away(9, 10, 10, 10), 1e-9);
  }

  @Test
  void isAlwaysAPart() {
    for (double threshold : new double[] {0, 0.01, 0.7, 1}) {
      SpillOver spill = new SpillOver(threshold);
      for (int own = 0; own <= 6; own++) {
        for (int other = 0; other <= 6; other++) {
          double away = spill.away(own, 6, other, 6);
          assertTrue(away >= 0 && away <= 1, own + ", " + other + ": " + away);
        }
      }
    }
  }
}
