// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeStateTest {

  private static final long MS = 1_000_000;
  private static final long UNIT = 1 << 16;

  private final AgeLoad load = new AgeLoad();
  private final NodeState state =
      Candidates.of(
              new Strategy() {
                @Override
                public Balancer newBalancer(RandomGenerator random) {
                  return Strategy.random().newBalancer(random);
                }

                @Override
                public Load newLoad() {
                  return load;
                }
              },
              1)
          .get(0)
          .state();

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000_000L, -5_000_000_000L, Long.MAX_VALUE / 2, Long.MIN_VALUE})
  void meanAgeIsThatOfWhatWaits(long base) {
    state.started(base);
    state.started(base + 10 * MS);
    state.started(base + 20 * MS);

    assertEquals(20 * MS, state.load(1, base + 30 * MS), 3.0 * UNIT);
    state.ended(Outcome.Kind.SUCCESS, base, base + 30 * MS);
    assertEquals(15 * MS, state.load(1, base + 30 * MS), 3.0 * UNIT);
    assertEquals(2, state.inFlight());
  }

  @Test
  void nothingWaitingHasNoAge() {
    state.started(0);
    state.ended(Outcome.Kind.SUCCESS, 0, MS);

    assertEquals(0, state.load(1, MS));
    assertEquals(0, state.inFlight());
  }

  @Test
  void whatWasAnsweredIsInFlightAndDoesNotAge() {
    state.started(0);
    state.answered(0, MS);

    assertEquals(0, state.load(1, 3_600_000 * MS));
    assertEquals(1, state.inFlight());
    state.endedAfterAnswer(Outcome.Kind.SUCCESS, 3_600_000 * MS);
    assertEquals(0, state.inFlight());
  }

  @Test
  void sumMayWrapAround() {
    // 44 bits of 65.5 us hold 36 years: a thousand attempts that start 10 years from the origin
    // of the clock add up to 10,000
    long decade = 10 * 365 * 86_400_000L * MS;
    for (int i = 0; i < 1_000; i++) {
      state.started(decade);
    }

    assertEquals(1_000, state.inFlight());
    assertEquals(500 * MS, state.load(1, decade + 500 * MS), 3.0 * UNIT);
  }

  @Test
  void attemptJustStartedIsNotOlderThanItIs() {
    for (long start = 0; start < 4 * UNIT; start += UNIT / 7) {
      state.started(start);
      assertTrue(state.load(1, start + 100) <= 100);
      state.ended(Outcome.Kind.SUCCESS, start, start + 100);
    }
  }

  @Test
  void nodeWithAPartOfItsShareCountsAsBusierByAsMuch() {
    NodeState least = Candidates.of(Strategy.powerOfTwoLeastRequests(), 1).get(0).state();
    least.started(0);
    least.started(0);

    assertEquals(2, least.load(1, MS));
    assertEquals(8, least.load(0.25, MS));
  }

  /** Shows the age that it is given. */
  private static final class AgeLoad implements Load {
    @Override
    public void observe(Outcome.Kind kind, long elapsedNanos, long now) {}

    @Override
    public double value(double inFlight, long ageNanos, long now) {
      return ageNanos;
    }

    @Override
    public void reset() {}
  }
}
