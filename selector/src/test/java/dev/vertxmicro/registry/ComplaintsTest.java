// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComplaintsTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, time);

  @Test
  void sameComplaintIsMadeOnce() {
    complaints.about("key a", "no JSON");
    complaints.about("key a", "no JSON");
    complaints.about("key b", "no JSON");

    assertEquals(List.of("key a: no JSON", "key b: no JSON"), log.warnings());
  }

  @Test
  void moreThanAreRememberedAreNotLoggedForAnHour() {
    for (int i = 0; i < 5_000; i++) {
      complaints.about("key " + i, "no JSON");
    }
    assertEquals(Complaints.MOST + 1, log.warnings().size());
    assertEquals(
        "further complaints are not logged for up to an hour", log.warnings().get(Complaints.MOST));

    time.advance(Duration.ofHours(1));
    complaints.about("key 4999", "no JSON");
    complaints.about("key 4999", "no JSON");

    assertEquals(Complaints.MOST + 2, log.warnings().size());
  }

  @Test
  void fewComplaintsAreRememberedForLongerThanAnHour() {
    complaints.about("key a", "no JSON");
    time.advance(Duration.ofDays(100));
    complaints.about("key a", "no JSON");

    assertEquals(1, log.warnings().size());
  }

  @Test
  void foreignTextIsCutAndFreeOfControlCharacters() {
    complaints.about("key\r\nINFO all is well\u001b[2J", "x".repeat(100_000));

    String line = log.warnings().get(0);
    assertTrue(line.startsWith("key??INFO all is well?[2J: xxx"), line);
    assertTrue(line.length() < 700, line);
  }
}
