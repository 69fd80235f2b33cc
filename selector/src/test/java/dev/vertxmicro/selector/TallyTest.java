// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

  private final Tally tally = new Tally();

  @Test
  void countsOutcomesInARow() {
    tally.failed(true);
    tally.failed(false);
    tally.unimplemented();

    assertEquals(2, tally.failuresInARow());
    assertEquals(1, tally.unreachedInARow());
    assertEquals(1, tally.unimplementedInARow());

    tally.succeeded();
    assertEquals(0, tally.failuresInARow());
    assertEquals(0, tally.unreachedInARow());
    assertEquals(0, tally.unimplementedInARow());
    assertEquals(new Rate(1, 3), tally.rate());
  }

  @Test
  void rowsStopAtTheirMost() {
    for (int i = 0; i < 1_000; i++) {
      tally.failed(true);
      tally.unimplemented();
    }

    assertEquals(255, tally.failuresInARow());
    assertEquals(255, tally.unreachedInARow());
    assertEquals(255, tally.unimplementedInARow());
    assertEquals(new Rate(0, 1_000), tally.rate());
    assertEquals(1_000, tally.unimplementedLately());
  }

  @Test
  void rateIsThatOfThisIntervalAndTheOneBefore() {
    tally.succeeded();
    tally.failed(false);
    tally.unimplemented();
    tally.nextInterval();
    assertEquals(new Rate(1, 2), tally.rateBefore());
    assertEquals(1, tally.failuresInARow());

    tally.succeeded();
    assertEquals(new Rate(2, 3), tally.rate());
    assertEquals(2, tally.successesLately());
    assertEquals(1, tally.unimplementedLately());

    tally.nextInterval();
    assertEquals(new Rate(1, 1), tally.rate());
    assertEquals(0, tally.unimplementedLately());
    tally.nextInterval();
    assertEquals(new Rate(0, 0), tally.rate());
  }

  @Test
  void fullCountsKeepTheRate() {
    for (int i = 0; i < 5_000_000; i++) {
      tally.succeeded();
      if (i % 4 == 0) {
        tally.failed(false);
      }
    }

    assertEquals(0.8, tally.rate().value(), 0.001);
    assertEquals(0, tally.unreachedInARow());
    assertTrue(tally.failuresInARow() <= 1);

    Tally failing = new Tally();
    for (int i = 0; i < 5_000_000; i++) {
      failing.failed(false);
      if (i % 4 == 0) {
        failing.succeeded();
      }
    }
    assertEquals(0.2, failing.rate().value(), 0.001);
  }

  @Test
  void clearForgets() {
    tally.succeeded();
    tally.nextInterval();
    tally.failed(true);
    tally.unimplemented();

    tally.clear();

    assertEquals(new Rate(0, 0), tally.rate());
    assertEquals(0, tally.failuresInARow());
    assertEquals(0, tally.unimplementedLately());
  }

  @Test
  void nothingIsLostBetweenThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      boolean isOdd = t % 2 == 1;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  if (isOdd) {
                    tally.failed(false);
                  } else {
                    tally.succeeded();
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertEquals(new Rate(200_000, 400_000), tally.rate());
  }
}
