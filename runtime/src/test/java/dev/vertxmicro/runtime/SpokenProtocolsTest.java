// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.selector.Balancer;
import dev.vertxmicro.selector.Load;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.Strategy;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SpokenProtocolsTest {

  private static final Node HTTP = Node.builder("old", "old:1").protocol("http").build();

  private final Picks picks = new Picks();

  @Test
  void wastesNoPickOnNodesThatNobodySpeaksWith() {
    try (Bench bench = new Bench(builder -> builder.withSelector(over(HTTP, Node.of("a", "a"))))) {
      bench.node("a", ok("1"), ok("2"), ok("3"));
      bench.run(
          () -> {
            for (int i = 1; i <= 3; i++) {
              assertEquals(String.valueOf(i), bench.call().result());
            }

            assertEquals(List.of("a", "a", "a"), picks.taken);
          });
    }
  }

  @Test
  void namesTheNodesIfNobodySpeaksWithAny() {
    try (Bench bench = new Bench(builder -> builder.withSelector(over(HTTP)))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call();

            assertEquals(503, cause(reply).code());
            assertTrue(
                cause(reply).detail().contains("old speaks http (known: [grpc, mucp])"),
                cause(reply).toString());
          });
    }
  }

  private Selector over(Node... nodes) {
    Service.Builder service = Service.builder("greeter");
    for (Node node : nodes) {
      service.node(node);
    }
    return Selector.builder(StaticRegistry.of(service.build()), new FakeTimeSource())
        .strategy(picks)
        .build();
  }

  /** Picks by power of two, and keeps what it picked. */
  private static final class Picks implements Strategy {

    private final Strategy strategy = Strategy.powerOfTwo();
    private final List<String> taken = new ArrayList<>();

    @Override
    public Balancer newBalancer(RandomGenerator random) {
      Balancer balancer = strategy.newBalancer(random);
      return candidates -> {
        var picker = balancer.picker(candidates);
        return (request, now) -> {
          var picked = picker.pick(request, now);
          if (picked != null) {
            taken.add(picked.id());
          }
          return picked;
        };
      };
    }

    @Override
    public Load newLoad() {
      return strategy.newLoad();
    }
  }
}
