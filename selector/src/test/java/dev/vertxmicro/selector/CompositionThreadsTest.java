// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes come, go, fail and start slowly while several threads pick. */
class CompositionThreadsTest {

  private static final int THREADS = 3;
  private static final int CALLS = 10_000;

  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final Clock clock = new Clock();

  private void serve(int nodes) {
    List<Node> list = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      list.add(
          Node.builder("n" + i, "127.0.0.1:1")
              .metadata("zone", i % 2 == 0 ? "east" : "west")
              .metadata("tier", i % 3 == 0 ? "gold" : "plain")
              .build());
    }
    registry.answer(Service.builder("greeter").build().withNodes(list));
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "weighted-round-robin", "power-of-two", "ring-hash"})
  void picksSurviveAllChangesAtOnce(String strategy) throws Exception {
    serve(20);
    Selector selector =
        Selector.builder(registry, clock)
            .strategy(Strategy.named(strategy))
            .options(
                new SelectorOptions()
                    .setZone("east")
                    .setSubsetting(true)
                    .setOwnService("greeter")
                    .setOwnNode("n0"))
            .build();
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int id = thread;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  return calls(selector, id);
                }));
      }
      start.countDown();
      for (Future<Integer> each : running) {
        assertTrue(each.get(60, TimeUnit.SECONDS) > CALLS / 2);
      }
    } finally {
      threads.shutdownNow();
    }

    assertEquals(0, selector.openPicks());
  }

  /** Returns how many calls were answered. */
  private int calls(Selector selector, int thread) {
    SelectOptions options =
        thread == 0
            ? new SelectOptions()
            : SelectOptions.of(SelectOption.prefer("tier", "gold"), SelectOption.key("k" + thread));
    int answered = 0;
    for (int i = 0; i < CALLS; i++) {
      if (i % 100 == 0) {
        serve(10 + (i / 100 + thread) % 40);
      }
      Next next = selector.select("greeter", options).result();
      Pick first = next.next();
      Pick second = next.next();
      clock.now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
      boolean fails = first.node().id().equals("n" + i / 1_000 * 3);
      first.done(fails ? Fleet.LOST : Outcome.SUCCESS);
      second.done(Outcome.SUCCESS);
      answered += fails ? 0 : 1;
    }
    return answered;
  }

  /** A clock that several threads may read and move; nothing here arms timers. */
  private static final class Clock implements TimeSource {
    private final AtomicLong now = new AtomicLong(1);

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public long epochMillis() {
      return now.get() / 1_000_000;
    }

    @Override
    public Timer timer(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException("no timers");
    }
  }
}
