// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {

  @Test
  void aWaitEndsWithTheFirstEntryThatMatches() throws InterruptedException {
    Journal<String> journal = new Journal<>();
    journal.add("a");
    Thread writer =
        new Thread(
            () -> {
              journal.add("b1");
              journal.add("b2");
            });

    writer.start();

    assertEquals("b1", journal.await("a b", entry -> entry.startsWith("b")));
    assertEquals("b2", journal.await("b", 1, entry -> entry.startsWith("b")));
    writer.join();
    assertEquals(List.of("a", "b1", "b2"), journal.entries());
  }

  @Test
  void aWaitThatRunsOutSaysWhatWasSeen() {
    Journal<String> journal = new Journal<>(Duration.ZERO);
    journal.add("first");
    journal.add("second");

    AssertionError error =
        assertThrows(AssertionError.class, () -> journal.await("the third", "third"::equals));

    assertTrue(error.getMessage().contains("the third"), error.getMessage());
    assertTrue(error.getMessage().endsWith("seen:\n  first\n  second"), error.getMessage());
  }

  @Test
  void everyWaitFailsOnceTheFixtureHasFailed() {
    Journal<String> journal = new Journal<>();
    IllegalStateException first = new IllegalStateException("first");
    journal.add("seen");

    journal.fail(first);
    journal.fail(new IllegalStateException("second"));

    assertSame(
        first,
        assertThrows(AssertionError.class, () -> journal.await("seen", "seen"::equals)).getCause());
    assertThrows(AssertionError.class, journal::check);
  }
}
