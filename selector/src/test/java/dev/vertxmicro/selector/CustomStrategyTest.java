// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Shows that strategies with an order, a key or no measurement of their own fit the interfaces. */
class CustomStrategyTest {

  private final ScriptedRegistry registry = new ScriptedRegistry();

  private Selector selector(Strategy strategy) {
    return Selector.builder(registry, new FakeTimeSource()).strategy(strategy).build();
  }

  private void serve(int from, int to) {
    List<Node> nodes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      nodes.add(Node.of("n" + i, "127.0.0.1:1"));
    }
    registry.answer(Service.builder("greeter").build().withNodes(nodes));
  }

  private static String pick(Selector selector, String key) {
    return selector.select("greeter", SelectOption.key(key)).result().next().node().id();
  }

  @Test
  void keyedStrategyKeepsItsNodeAndMovesOnlyTheKeysOfANodeThatLeft() {
    Selector selector = selector(new Rendezvous());
    serve(0, 10);
    List<String> before = new ArrayList<>();
    for (int key = 0; key < 1_000; key++) {
      before.add(pick(selector, "user-" + key));
      assertEquals(before.get(key), pick(selector, "user-" + key));
    }

    serve(1, 10);

    for (int key = 0; key < 1_000; key++) {
      if (!before.get(key).equals("n0")) {
        assertEquals(before.get(key), pick(selector, "user-" + key));
      }
    }
    assertTrue(before.contains("n0"));
  }

  @Test
  void keyedStrategyGoesOnInItsOrderWhenANodeWasTried() {
    Selector selector = selector(new Rendezvous());
    serve(0, 3);
    Next next = selector.select("greeter", SelectOption.key("user-7")).result();
    String first = next.next().node().id();
    String second = next.next().node().id();
    next.next();
    String fourth = next.next().node().id();

    assertNotEquals(first, second);
    assertEquals(first, fourth, "when all were tried the order begins again");
  }

  @Test
  void strategyWithoutMeasurementSeesWhatIsInFlight() {
    Selector selector = selector(new LeastInFlight());
    serve(0, 3);
    List<Pick> open = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      open.add(selector.select("greeter").result().next());
    }
    open.stream().filter(p -> p.node().id().equals("n1")).forEach(p -> p.done(Outcome.SUCCESS));

    assertEquals("n1", selector.select("greeter").result().next().node().id());
  }

  /** Highest random weight by key and node id. */
  private record Rendezvous() implements Strategy {
    @Override
    public Balancer newBalancer(RandomGenerator random) {
      return candidates -> (request, now) -> highest(candidates, request);
    }

    private static @Nullable Candidate highest(List<Candidate> candidates, PickRequest request) {
      Candidate best = null;
      for (Candidate candidate : candidates) {
        if (!request.tried(candidate)
            && (best == null || score(candidate, request) > score(best, request))) {
          best = candidate;
        }
      }
      return best;
    }

    private static long score(Candidate candidate, PickRequest request) {
      long hash = candidate.id().hashCode() * 31L + String.valueOf(request.key()).hashCode();
      hash *= 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 32;
      return hash * 0xd6e8feb86659fd93L;
    }
  }

  /** The node with the fewest attempts in flight, the first of several. */
  private record LeastInFlight() implements Strategy {
    @Override
    public Balancer newBalancer(RandomGenerator random) {
      return candidates ->
          (request, now) -> {
            Candidate best = null;
            for (Candidate candidate : candidates) {
              if (!request.tried(candidate)
                  && (best == null || candidate.inFlight() < best.inFlight())) {
                best = candidate;
              }
            }
            return best;
          };
    }
  }
}
