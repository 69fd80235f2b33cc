// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuccessRatesTest {

  private static NodeState[] nodes(Rate... rates) {
    List<Candidate> candidates = Candidates.of(Strategy.random(), rates.length);
    for (int i = 0; i < rates.length; i++) {
      Tally tally = candidates.get(i).state().conduct().tally();
      for (long n = 0; n < rates[i].successes(); n++) {
        tally.succeeded();
      }
      for (long n = rates[i].successes(); n < rates[i].attempts(); n++) {
        tally.failed(false);
      }
      tally.nextInterval();
    }
    return candidates.stream().map(Candidate::state).toArray(NodeState[]::new);
  }

  private static List<Integer> indexes(NodeState[] all, List<NodeState> found) {
    return IntStream.range(0, all.length).filter(i -> found.contains(all[i])).boxed().toList();
  }

  @ParameterizedTest
  // by the closed form, computed apart
  @CsvSource({
    "0, 10, 0.0, 0.2775",
    "10, 10, 0.7225, 1.0",
    "5, 10, 0.2366, 0.7634",
    "90, 100, 0.8256, 0.9448",
    "500, 1000, 0.4691, 0.5309"
  })
  void boundsAreWilsons(long successes, long attempts, double lower, double upper) {
    Rate rate = new Rate(successes, attempts);

    assertEquals(lower, rate.lowerBound(), 1e-4);
    assertEquals(upper, rate.upperBound(), 1e-4);
  }

  @Test
  void nothingIsKnownWithoutAttempts() {
    Rate rate = new Rate(0, 0);

    assertEquals(0, rate.lowerBound());
    assertEquals(1, rate.upperBound());
    assertTrue(Double.isNaN(rate.value()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void nodesThatFailAlwaysAreFoundWhateverTheirNumber(int dead) {
    // 2 of 9 are more than mean minus 1.9 deviations finds
    Rate[] rates = new Rate[9];
    for (int i = 0; i < 9; i++) {
      rates[i] = i < dead ? new Rate(0, 100) : new Rate(100, 100);
    }
    NodeState[] all = nodes(rates);

    List<Integer> found = indexes(all, new SuccessRates(all, 20).outliers(3));

    assertEquals(IntStream.range(0, dead).boxed().toList(), found);
  }

  @Test
  void aRateThatMayBeAsGoodIsNoOutlier() {
    NodeState[] all = nodes(new Rate(85, 100), new Rate(95, 100), new Rate(96, 100));
    assertEquals(List.of(), new SuccessRates(all, 20).outliers(3));

    all = nodes(new Rate(60, 100), new Rate(95, 100), new Rate(96, 100));
    assertEquals(List.of(0), indexes(all, new SuccessRates(all, 20).outliers(3)));
  }

  @Test
  void fewCallsAndFewNodesAreNotCompared() {
    NodeState[] all = nodes(new Rate(1, 19), new Rate(100, 100), new Rate(100, 100));

    assertEquals(List.of(), new SuccessRates(all, 20).outliers(2));
    assertEquals(List.of(), new SuccessRates(all, 19).outliers(4));
    assertEquals(List.of(0), indexes(all, new SuccessRates(all, 19).outliers(3)));
  }

  @Test
  void nodeWithoutSuccessIsFoundByItself() {
    NodeState[] all = nodes(new Rate(0, 4), new Rate(0, 5), new Rate(1, 100));

    assertEquals(List.of(1), indexes(all, new SuccessRates(all, 20).withoutSuccess()));
  }

  @ParameterizedTest
  @CsvSource({"0.999, 1000", "0.9, 100", "0.9, 20", "0.5, 100", "0.5, 1000"})
  void nodesThatAreAlikeAreHardlyEverOutliers(double chance, int calls) {
    SplittableRandom random = new SplittableRandom(5);
    int outliers = 0;
    for (int round = 0; round < 200; round++) {
      Rate[] rates = new Rate[20];
      for (int i = 0; i < 20; i++) {
        int successes = 0;
        for (int call = 0; call < calls; call++) {
          successes += random.nextDouble() < chance ? 1 : 0;
        }
        rates[i] = new Rate(successes, calls);
      }
      outliers += new SuccessRates(nodes(rates), 20).outliers(3).size();
    }

    assertTrue(outliers <= 8, outliers + " of 4000");
  }
}
