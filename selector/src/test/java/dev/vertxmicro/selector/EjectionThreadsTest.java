// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ejection when calls end on several threads at once. */
class EjectionThreadsTest {

  private static final int THREADS = 4;
  private static final String[] ADDRESSES = {
    "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:5", "127.0.0.1:6"
  };

  private final AtomicLong now = new AtomicLong(1_000_000_000L);
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Selector selector =
      Selector.builder(StaticRegistry.of("greeter", ADDRESSES), clock())
          .strategy(Strategy.random())
          .build();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private TimeSource clock() {
    return new TimeSource() {
      @Override
      public long nanoTime() {
        return now.get();
      }

      @Override
      public long epochMillis() {
        return 0;
      }

      @Override
      public Timer timer(long delayNanos, Runnable task) {
        throw new UnsupportedOperationException("a selector arms no timers");
      }
    };
  }

  private <T> List<T> all(Callable<T> task) throws Exception {
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      running.add(threads.submit(task));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> each : running) {
      results.add(each.get(60, TimeUnit.SECONDS));
    }
    return results;
  }

  private Pick pick() {
    return selector.select("greeter").result().next();
  }

  private List<NodeDescription> ejected() {
    return selector.describe("greeter").nodes().stream()
        .filter(node -> node.health() == Health.EJECTED)
        .toList();
  }

  @Test
  void boundsAndBooksHoldWhateverHappensAtOnce() throws Exception {
    List<Integer> most =
        all(
            () -> {
              Random random = new Random(Thread.currentThread().getId());
              int ejected = 0;
              for (int i = 0; i < 20_000; i++) {
                now.addAndGet(random.nextInt(20_000_000));
                Pick pick = pick();
                boolean isBad = pick.node().address().charAt(10) % 2 == i / 5_000 % 2;
                pick.done(isBad && random.nextInt(10) > 0 ? Fleet.REFUSED : Outcome.SUCCESS);
                ejected = Math.max(ejected, ejected().size());
              }
              return ejected;
            });

    most.forEach(count -> assertTrue(count <= ADDRESSES.length / 2, "ejected: " + count));
    assertTrue(most.stream().anyMatch(count -> count > 0), "nothing was ejected");
    assertEquals(0, selector.openPicks());

    // all is well again: had an ejection been counted twice or not at all, it would show
    for (int round = 0; round < 4; round++) {
      now.addAndGet(EjectionOptions.DEFAULT_MAX_EJECTION_TIME.toNanos());
      for (int i = 0; i < 500; i++) {
        now.addAndGet(1_000_000);
        pick().done(Outcome.SUCCESS);
      }
    }
    assertEquals(List.of(), ejected());
    assertFalse(selector.describe("greeter").isPanic());
    for (int i = 0; i < 2_000; i++) {
      now.addAndGet(1_000_000);
      Pick pick = pick();
      pick.done(pick.node().address().endsWith("1") ? Fleet.LOST : Outcome.SUCCESS);
    }
    assertEquals(1, ejected().size());
  }

  @Test
  void oneThreadOnlyTakesTheProbe() throws Exception {
    CyclicBarrier together = new CyclicBarrier(THREADS);
    SelectOption victim =
        SelectOption.filter(
            Filter.where("victim", (service, node) -> node.address().equals(ADDRESSES[0])));
    pick().done(Outcome.SUCCESS);
    for (int i = 0; i < 2; i++) {
      selector.select("greeter", victim).result().next().done(Fleet.REFUSED);
    }
    assertEquals(1, ejected().size());
    for (int round = 1; round <= 50; round++) {
      now.addAndGet(Duration.ofMinutes(5).toNanos());

      List<Pick> picks =
          all(
              () -> {
                together.await(20, TimeUnit.SECONDS);
                return pick();
              });

      List<Pick> probes =
          picks.stream().filter(pick -> pick.node().address().equals(ADDRESSES[0])).toList();
      assertEquals(1, probes.size());
      assertEquals(round, ejected().get(0).probes());
      probes.get(0).done(Fleet.REFUSED);
      picks.stream().filter(pick -> !probes.contains(pick)).forEach(p -> p.done(Outcome.SUCCESS));
    }
  }
}
