// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Options that are made once and given to many calls. */
class OptionSetTest {

  private final List<Duration> seen = new ArrayList<>();

  /** Notes the timeout it finds, then sets its own. */
  private CallOption noting(int seconds) {
    return options -> {
      seen.add(options.getTimeout());
      options.setTimeout(Duration.ofSeconds(seconds));
    };
  }

  @Test
  void appliesItsOptionsInOrder() {
    CallOptions options = new CallOptions().setTimeout(Duration.ofSeconds(1));

    CallOption.of(noting(2), noting(3)).apply(options);

    assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), seen);
    assertEquals(Duration.ofSeconds(3), options.getTimeout());
  }

  @Test
  void isWorkedOutByTheFirstCallOnlyAndAnewAfterInit() {
    try (Bench bench = new Bench().node("a", ok("1"), ok("2"), ok("3"), ok("4"))) {
      CallOption set = CallOption.of(noting(2));
      bench.run(
          () -> {
            bench.call(set);
            bench.call(set);
            assertEquals(1, seen.size());
          });
      bench.client().init(o -> o.getCalls().setTimeout(Duration.ofSeconds(7))).await();
      bench.run(
          () -> {
            bench.call(set);
            bench.call(set);
          });

      assertEquals(2, seen.size());
      assertEquals(Duration.ofSeconds(7), seen.get(1));
    }
  }

  @Test
  void givesWayToOptionsBehindIt() {
    try (Bench bench = new Bench().node("a", ok("1"), ok("2"))) {
      CallOption set = CallOption.of(noting(2));
      bench.run(
          () -> {
            bench.call(set, noting(5));
            bench.call(set, noting(5));
          });

      assertEquals(4, seen.size());
      assertEquals(Duration.ofSeconds(2), seen.get(3));
    }
  }

  @Test
  void refusesNull() {
    assertThrows(NullPointerException.class, () -> CallOption.of((CallOption) null));
  }
}
