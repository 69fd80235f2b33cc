// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryBudgetTest {

  private final FakeTimeSource time = new FakeTimeSource();

  private static int drain(RetryBudget budget) {
    int retries = 0;
    while (budget.withdraw()) {
      retries++;
    }
    return retries;
  }

  private static void deposit(RetryBudget budget, int calls) {
    for (int i = 0; i < calls; i++) {
      budget.deposit();
    }
  }

  @ParameterizedTest
  @CsvSource({"0.2, 100, 20", "0.2, 4, 0", "0.2, 5, 1", "1, 7, 7", "0.05, 1000, 50", "0, 1000, 0"})
  void allowsItsShareOfTheCalls(double ratio, int calls, int retries) {
    RetryBudget budget = new RetryBudget(ratio, 0, time);

    deposit(budget, calls);

    assertEquals(retries, budget.balance());
    assertEquals(retries, drain(budget));
    assertEquals(0, budget.balance());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-300, 1e-9, 0.2, 1})
  void holdsTheReserveOfTenSecondsFromTheStart(double ratio) {
    assertEquals(100, drain(new RetryBudget(ratio, 10, time)));
  }

  @Test
  void theReserveComesBackWithTheTime() {
    RetryBudget budget = new RetryBudget(0.2, 10, time);
    assertEquals(100, drain(budget));

    time.advance(Duration.ofSeconds(9));
    assertEquals(0, drain(budget));
    time.advance(Duration.ofSeconds(1));
    assertEquals(100, drain(budget));
  }

  @Test
  void theReserveComesBackAsItWasSpent() {
    RetryBudget budget = new RetryBudget(0.2, 1, time);
    for (int second = 0; second < 10; second++) {
      assertTrue(budget.withdraw());
      time.advance(Duration.ofSeconds(1));
    }

    // One retry each second is what the reserve pays for, for ever.
    for (int second = 0; second < 100; second++) {
      assertEquals(1, drain(budget), "second " + second);
      time.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void callsCountForTenSeconds() {
    RetryBudget budget = new RetryBudget(0.5, 0, time);
    deposit(budget, 10);
    time.advance(Duration.ofSeconds(5));
    deposit(budget, 4);

    time.advance(Duration.ofMillis(4_999));
    assertEquals(7, budget.balance());
    time.advance(Duration.ofMillis(1));
    assertEquals(2, budget.balance());
    time.advance(Duration.ofSeconds(5));
    assertEquals(0, budget.balance());
  }

  @Test
  void forgetsAllCallsAfterALongPause() {
    RetryBudget budget = new RetryBudget(0.5, 0, time);
    deposit(budget, 1_000);

    time.advance(Duration.ofDays(400));

    assertFalse(budget.withdraw());
    deposit(budget, 2);
    assertTrue(budget.withdraw());
  }

  @Test
  void survivesTheWrapOfTheClock() {
    FakeTimeSource wrapping = new FakeTimeSource(Long.MAX_VALUE - 1_000_000_000L);
    RetryBudget budget = new RetryBudget(0.5, 0, wrapping);
    deposit(budget, 10);

    wrapping.advance(Duration.ofSeconds(5));
    assertEquals(5, budget.balance());
    wrapping.advance(Duration.ofSeconds(5));
    assertEquals(0, budget.balance());
  }

  @Test
  void manyThreadsLoseNoDepositAndOverdrawByNoMoreThanThemselves() throws InterruptedException {
    int threads = 4;
    int calls = 20_000;
    RetryBudget budget = new RetryBudget(0.2, 0, time);
    AtomicInteger retries = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> running = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  go.await();
                } catch (InterruptedException stop) {
                  return;
                }
                for (int i = 0; i < calls; i++) {
                  budget.deposit();
                  if (budget.withdraw()) {
                    retries.incrementAndGet();
                  }
                }
              });
      thread.start();
      running.add(thread);
    }
    go.countDown();
    for (Thread thread : running) {
      thread.join();
    }

    int allowed = threads * calls / 5;
    int all = retries.get() + drain(budget);
    assertTrue(all >= allowed && all <= allowed + threads, all + " retries of " + allowed);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.01, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesARatioOutOfRange(double ratio) {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new RetryBudget(ratio, 0, time));

    assertEquals("ratio: " + ratio + " (expected: 0 to 1)", refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1_000_001})
  void refusesAReserveOutOfRange(int perSecond) {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new RetryBudget(0.2, perSecond, time));

    assertEquals("minPerSecond: " + perSecond + " (expected: 0 to 1000000)", refused.getMessage());
  }

  @Test
  void theLargestReserveAtTheSmallestRatioDoesNotOverflow() {
    RetryBudget budget = new RetryBudget(Double.MIN_VALUE, 1_000_000, time);

    assertEquals(10_000_000, budget.balance());
    assertTrue(budget.withdraw());
    assertEquals(9_999_999, budget.balance());
  }
}
