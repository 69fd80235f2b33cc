// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

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

  private static void assertCheap(Strategy strategy, SelectOptions options) {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
            && bean.isThreadAllocatedMemorySupported(),
        "this JVM does not count allocation");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    StaticRegistry registry = StaticRegistry.of("greeter", "127.0.0.1:1", "127.0.0.1:2", "[::1]:3");
    Selector selector = Selector.builder(registry, new FakeTimeSource()).strategy(strategy).build();
    long id = Thread.currentThread().getId();
    run(selector, options);

    long before = threads.getThreadAllocatedBytes(id);
    run(selector, options);
    double perCall = (threads.getThreadAllocatedBytes(id) - before) / (double) CALLS;

    assertTrue(perCall <= 96, strategy + " " + options + ": " + perCall + " bytes per call");
  }

  private static void run(Selector selector, SelectOptions options) {
    for (int i = 0; i < CALLS; i++) {
      Pick pick = selector.select("greeter", options).result().next();
      pick.done(Outcome.SUCCESS);
    }
  }
}
