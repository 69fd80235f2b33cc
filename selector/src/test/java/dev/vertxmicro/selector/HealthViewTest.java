// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a change of health does to what calls choose from. */
class HealthViewTest {

  private final Counted strategy = new Counted(Strategy.roundRobin());
  private final ServiceEntry entry = entry(strategy);

  static List<Strategy> strategies() {
    return List.of(Strategy.random(), Strategy.roundRobin(), Strategy.powerOfTwo());
  }

  private static ServiceEntry entry(Strategy strategy) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      nodes.add(Node.of("n" + i, "127.0.0.1:" + (9000 + i)));
    }
    return Candidates.entry(strategy, Service.builder("greeter").build().withNodes(nodes));
  }

  private static void health(ServiceEntry entry, Health health, int... nodes) {
    for (int node : nodes) {
      entry.topology().candidates().get(node).state().health(health);
    }
  }

  private static void renew(ServiceEntry entry) {
    entry.outdated();
    entry.renewViews(entry.now());
  }

  private static Set<String> picked(ServiceEntry entry, int calls) {
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < calls; i++) {
      ids.add(Choice.open(entry.route(List.of(), List.of()), null).next().node().id());
    }
    return ids;
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void ejectedNodeIsNotPickedEvenBeforeTheViewIsRenewed(Strategy strategy) {
    ServiceEntry entry = entry(strategy);
    assertEquals(4, picked(entry, 100).size());

    health(entry, Health.EJECTED, 1);

    assertEquals(Set.of("n0", "n2", "n3"), picked(entry, 100));
    renew(entry);
    assertEquals(Set.of("n0", "n2", "n3"), picked(entry, 100));
    assertEquals(3, Choice.open(entry.route(List.of(), List.of()), null).size());
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void callThatHasTriedAllOthersTakesOneOfThemAgainBeforeAnEjectedOne(Strategy strategy) {
    ServiceEntry entry = entry(strategy);
    Choice call = Choice.open(entry.route(List.of(), List.of()), null);
    call.next();
    health(entry, Health.EJECTED, 1, 2, 3);

    for (int i = 0; i < 10; i++) {
      assertEquals("n0", call.next().node().id());
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void pickerThatOutlivesTheHealthOfAllStillPicks(Strategy strategy) {
    ServiceEntry entry = entry(strategy);
    picked(entry, 1);

    health(entry, Health.EJECTED, 0, 1, 2, 3);

    assertEquals(4, picked(entry, 100).size());
  }

  @Test
  void panicOverlooksEjections() {
    health(entry, Health.EJECTED, 0, 1, 2);

    View view = entry.route(List.of(), List.of()).view();

    assertTrue(view.available().panic());
    assertEquals(4, view.size());
    view.available().candidates().forEach(node -> assertEquals(Health.HEALTHY, node.health()));
    assertEquals(4, picked(entry, 4).size());
  }

  @Test
  void halfOfTheNodesIsEnough() {
    health(entry, Health.EJECTED, 0, 1);

    assertFalse(entry.route(List.of(), List.of()).view().available().panic());
  }

  @Test
  void failingNodesCountForPanicAndArePicked() {
    health(entry, Health.EJECTED, 0);
    health(entry, Health.FAILING, 1);
    assertEquals(3, entry.route(List.of(), List.of()).view().size());

    health(entry, Health.FAILING, 2);
    renew(entry);

    assertTrue(entry.route(List.of(), List.of()).view().available().panic());
    assertEquals(4, entry.route(List.of(), List.of()).view().size());
  }

  @Test
  void panicIsThatOfTheNodesThatFiltersLeave() {
    health(entry, Health.EJECTED, 0, 1);
    Filter some = Filter.where("n0, n1, n2", (service, node) -> !node.id().equals("n3"));

    assertFalse(entry.route(List.of(), List.of()).view().available().panic());
    assertTrue(entry.route(List.of(some), List.of()).view().available().panic());
  }

  @Test
  void viewIsRenewedForChangesThatConcernIt() {
    Filter some = Filter.where("not n3", (service, node) -> !node.id().equals("n3"));
    Route route = entry.route(List.of(some), List.of());
    View before = route.view();
    assertEquals(1, strategy.pickers);

    health(entry, Health.EJECTED, 3);
    renew(entry);
    assertSame(before, route.view());
    assertEquals(1, strategy.pickers);

    health(entry, Health.EJECTED, 2);
    renew(entry);
    assertEquals(2, route.view().size());
    assertEquals(2, strategy.pickers);

    health(entry, Health.HEALTHY, 2);
    renew(entry);
    assertEquals(3, route.view().size());
    assertEquals(3, strategy.pickers);
  }

  /** Counts the pickers. */
  private static final class Counted implements Strategy {
    private final Strategy strategy;
    private int pickers;

    Counted(Strategy strategy) {
      this.strategy = strategy;
    }

    @Override
    public Balancer newBalancer(RandomGenerator random) {
      Balancer balancer = strategy.newBalancer(random);
      return candidates -> {
        pickers++;
        return balancer.picker(candidates);
      };
    }
  }
}
