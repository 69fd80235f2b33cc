// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SnowflakeTest {

  private final AtomicLong clock = new AtomicLong();

  @Test
  void hasTheLayoutOfTheOriginal() {
    // An id of the original, of node 1, and the millisecond at which it was made.
    clock.set((1622019481540759552L >> 22) + Snowflake.EPOCH_MILLIS);

    assertEquals("1622019481540759552", new Snowflake(1, clock::get).next());
  }

  @Test
  void neverRepeatsItselfThoughTheClockStandsOrGoesBack() {
    Snowflake ids = new Snowflake(1023 + 1024, clock::get);
    clock.set(Snowflake.EPOCH_MILLIS + 1_000);
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      if (i == 5_000) {
        clock.addAndGet(-500);
      }
      long id = Long.parseLong(ids.next());
      assertTrue(id > last, "rises");
      assertEquals(1023, (id >> 12) & 1023, "its node");
      last = id;
    }
  }
}
