// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.time.FakeTimeSource;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one call costs in garbage once its service is known. */
class AllocationTest {

  private static final int CALLS = 100_000;

  /** Every fourth call fails, which ejects nobody; and in the end one node is out. */
  @ParameterizedTest
  @MethodSource("strategies")
  void ejectionAddsNothing(Strategy strategy) {
    StaticRegistry registry = StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:2", "[::1]:3");
    FakeTimeSource time = new FakeTimeSource();
    Selector selector = Selector.builder(registry, time).strategy(strategy).build();
    Outcome[] outcomes = {Outcome.SUCCESS, Outcome.SUCCESS, Outcome.SUCCESS, Fleet.LOST};

    assertCheap(selector, new SelectOptions(), outcomes);
    eject(selector, "127.0.0.1:2");
    assertCheap(selector, new SelectOptions(), Outcome.SUCCESS);
    assertEquals(
        1,
        selector.describe("greeter").nodes().stream()
            .filter(node -> node.health() == Health.EJECTED)
            .count());
  }

  private static void eject(Selector selector, String address) {
    SelectOption only =
        SelectOption.filter(
            Filter.where(address, (service, node) -> node.address().equals(address)));
    for (int i = 0; i < EjectionOptions.DEFAULT_CONSECUTIVE_FAILURES; i++) {
      selector.select("greeter", only).result().next().done(Fleet.LOST);
    }
  }

  static Stream<Strategy> strategies() {
    return Strategy.names().stream().map(Strategy::named);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void selectPickAndDoneMakeTwoSmallObjects(Strategy strategy) {
    SelectOptions plain = new SelectOptions();
    SelectOptions filtered = SelectOptions.of(SelectOption.version("latest"));

    assertCheap(strategy, plain);
    assertCheap(strategy, filtered);
    assertCheap(strategy, SelectOptions.of(SelectOption.key("user-4711 of a rather long name")));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void tiersZonesSubsetsAndSlowStartMakeNoneMore(Strategy strategy) {
    SelectOptions preferred = SelectOptions.of(SelectOption.prefer("tier", "gold"));
    SelectOptions keyed =
        SelectOptions.of(
            SelectOption.prefer("tier", "gold"), SelectOption.key("user-4711 of a rather long"));

    assertCheap(tiered(strategy), preferred, Outcome.SUCCESS);
    assertCheap(tiered(strategy), keyed, Outcome.SUCCESS);
  }

  /** Returns a selector whose calls leave the zone in part, with a node that starts slowly. */
  private static Selector tiered(Strategy strategy) {
    Cluster cluster =
        new Cluster(strategy, new SelectorOptions().setZone("east").setSubsetting(true))
            .with("gold-east", 12, "tier", "gold", "zone", "east")
            .with("gold-west", 20, "tier", "gold", "zone", "west")
            .with("east", 3, "zone", "east")
            .with("west", 3, "zone", "west");
    cluster.call();
    cluster.with("gold-east", 13, "tier", "gold", "zone", "east").call();
    cluster.health(Health.EJECTED, id -> id.matches("gold-east[0-6]"));
    return cluster.selector();
  }

  private static void assertCheap(Strategy strategy, SelectOptions options) {
    StaticRegistry registry = StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:2", "[::1]:3");
    assertCheap(
        Selector.builder(registry, new FakeTimeSource()).strategy(strategy).build(),
        options,
        Outcome.SUCCESS);
  }

  private static void assertCheap(Selector selector, SelectOptions options, Outcome... outcomes) {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
            && bean.isThreadAllocatedMemorySupported(),
        "this JVM does not count allocation");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    run(selector, options, outcomes);

    long before = threads.getThreadAllocatedBytes(id);
    run(selector, options, outcomes);
    double perCall = (threads.getThreadAllocatedBytes(id) - before) / (double) CALLS;

    assertTrue(perCall <= 96, selector + " " + options + ": " + perCall + " bytes per call");
  }

  private static void run(Selector selector, SelectOptions options, Outcome... outcomes) {
    for (int i = 0; i < CALLS; i++) {
      Pick pick = selector.select("greeter", options).result().next();
      pick.done(outcomes[i % outcomes.length]);
    }
  }
}
