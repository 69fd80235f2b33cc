// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy must do, seen through a selector. */
public abstract class StrategyContract {

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();

  /** Makes the contract. */
  protected StrategyContract() {}

  /** Returns the strategy; equal at each call. */
  protected abstract Strategy strategy();

  /** Tells whether nodes of the same weight get the same share of quick, equal calls. */
  protected boolean isEven() {
    return true;
  }

  private Selector selector(long seed) {
    return Selector.builder(registry, time)
        .strategy(strategy())
        .random(new SplittableRandom(seed))
        .build();
  }

  private void serve(int nodes) {
    List<Node> list = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      list.add(Node.of("n" + i, "127.0.0.1:" + (9000 + i)));
    }
    registry.answer(Service.builder("greeter").build().withNodes(list));
  }

  private String call(Selector selector) {
    Pick pick = selector.select("greeter").result().next();
    time.advance(Duration.ofMillis(1));
    pick.done(Outcome.SUCCESS);
    return pick.node().id();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 100})
  void eachNodeIsPickedOnceBeforeOneIsPickedTwice(int nodes) {
    serve(nodes);
    Selector selector = selector(nodes);

    for (int call = 0; call < 20; call++) {
      Next next = selector.select("greeter").result();
      Set<String> picked = new HashSet<>();
      for (int i = 0; i < nodes; i++) {
        Pick pick = next.next();
        picked.add(pick.node().id());
        pick.done(Outcome.SUCCESS);
      }
      assertEquals(nodes, picked.size());
      assertTrue(picked.contains(next.next().node().id()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void picksAreSpreadEvenly(int nodes) {
    if (!isEven()) {
      return;
    }
    serve(nodes);
    Selector selector = selector(42);
    Map<String, Integer> picks = new TreeMap<>();

    for (int i = 0; i < 100_000; i++) {
      picks.merge(call(selector), 1, Integer::sum);
    }

    double mean = 100_000.0 / nodes;
    int most = picks.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    assertEquals(nodes, picks.size());
    assertTrue(most <= 1.3 * mean, "most " + most + ", mean " + mean);
  }

  @Test
  void nodesThatLeftAreNotPickedAndNodesThatCameAre() {
    serve(10);
    Selector selector = selector(1);
    Next next = selector.select("greeter").result();
    next.next().done(Outcome.SUCCESS);

    serve(2);
    for (int i = 0; i < 100; i++) {
      assertTrue(Set.of("n0", "n1").contains(call(selector)));
    }
    Pick later = next.next();
    assertTrue(Set.of("n0", "n1").contains(later.node().id()));
    later.done(Outcome.SUCCESS);

    serve(3);
    Set<String> picked = new HashSet<>();
    for (int i = 0; i < 100 && isEven(); i++) {
      picked.add(call(selector));
    }
    assertTrue(!isEven() || picked.equals(Set.of("n0", "n1", "n2")), picked.toString());
  }

  @Test
  void sameSeedPicksTheSame() {
    serve(10);
    Selector one = selector(5);
    Selector two = selector(5);

    for (int i = 0; i < 1000; i++) {
      Pick first = one.select("greeter").result().next();
      Pick second = two.select("greeter").result().next();
      assertEquals(first.node(), second.node());
      time.advance(Duration.ofMillis(i % 7));
      first.done(Outcome.SUCCESS);
      second.done(Outcome.SUCCESS);
    }
  }

  @Test
  void descriptionCanBeComparedAndRead() {
    assertEquals(strategy(), strategy());
    assertEquals(strategy().hashCode(), strategy().hashCode());
    assertNotEquals(null, strategy());
    assertFalse(strategy().toString().contains("@"), strategy().toString());
  }

  @Test
  void picksFromSeveralThreadsSurviveChangesOfTheNodes() throws Exception {
    serve(1);
    Selector selector = Selector.builder(registry, time).strategy(strategy()).build();
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        int id = thread;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  for (int i = 0; i < 20_000; i++) {
                    if (i % 16 == 0) {
                      serve(1 + (i / 16 + id) % 8);
                    }
                    Next next = selector.select("greeter").result();
                    Pick first = next.next();
                    Pick second = next.next();
                    first.done(Outcome.SUCCESS);
                    second.done(Outcome.CANCELLED);
                  }
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> each : running) {
        each.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertEquals(0, selector.openPicks());
  }
}
