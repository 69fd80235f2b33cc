// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.selector.Balancer;
import dev.vertxmicro.selector.Load;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Picker;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.Strategy;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A selector over a service of many nodes, and the picker that its strategy made for them. */
final class ManyNodes {

  static final String SERVICE = "many";

  private final @Nullable Selector selector;
  private final Captured strategy;

  private ManyNodes(@Nullable Selector selector, Captured strategy) {
    this.selector = selector;
    this.strategy = strategy;
  }

  /** Returns what stands in before the benchmark is set up. */
  static ManyNodes none() {
    return new ManyNodes(null, new Captured(Strategy.random()));
  }

  static ManyNodes open(int nodes, String name) {
    Service.Builder service = Service.builder(SERVICE);
    for (int i = 0; i < nodes; i++) {
      service.node(Node.of("node-" + i, "127.0.0.1:" + (10_000 + i)));
    }
    Captured strategy = new Captured(strategy(name));
    TimeSource time = TimeSource.of(Vertx.vertx());
    Selector selector =
        Selector.builder(StaticRegistry.of(List.of(service.build())), time)
            .strategy(strategy)
            .build();
    ManyNodes many = new ManyNodes(selector, strategy);
    // The first pick makes the snapshot, and with it the picker.
    many.selector().select(SERVICE).result().next().done(Outcome.SUCCESS);
    return many;
  }

  private static Strategy strategy(String name) {
    return switch (name) {
      case "random" -> Strategy.random();
      case "roundRobin" -> Strategy.roundRobin();
      case "powerOfTwo" -> Strategy.powerOfTwo();
      default ->
          throw new IllegalArgumentException(
              "strategy: " + name + " (expected: random, roundRobin or powerOfTwo)");
    };
  }

  Selector selector() {
    return Objects.requireNonNull(selector, "selector");
  }

  Picker picker() {
    return Objects.requireNonNull(strategy.picker, "picker");
  }

  /** Hands everything on, and keeps the picker. */
  private static final class Captured implements Strategy {

    private final Strategy strategy;
    private @Nullable Picker picker;

    Captured(Strategy strategy) {
      this.strategy = strategy;
    }

    @Override
    public Balancer newBalancer(RandomGenerator random) {
      Balancer balancer = strategy.newBalancer(random);
      return candidates -> {
        Picker made = balancer.picker(candidates);
        picker = made;
        return made;
      };
    }

    @Override
    public Load newLoad() {
      return strategy.newLoad();
    }
  }
}
