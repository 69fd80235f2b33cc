// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.selector.Balancer;
import dev.vertxmicro.selector.Candidate;
import dev.vertxmicro.selector.Load;
import dev.vertxmicro.selector.Next;
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

/** A selector over a service of many nodes, and what its strategy made for them. */
final class ManyNodes {

  static final String SERVICE = "many";

  private final Service service;
  private final ChangingRegistry registry = new ChangingRegistry();
  private final Captured strategy;
  private final Selector selector;

  private ManyNodes(Service service, Captured strategy, TimeSource time) {
    this.service = service;
    this.strategy = strategy;
    this.selector = Selector.builder(registry, time).strategy(strategy).build();
  }

  /** Returns what stands in before the benchmark is set up. */
  static ManyNodes none() {
    return new ManyNodes(
        Service.builder(SERVICE).build(), new Captured(Strategy.random()), new VirtualTime());
  }

  /** Returns a selector that has made its snapshot, on the clock of the machine. */
  static ManyNodes open(int nodes, String strategy) {
    return open(service(nodes), strategy, TimeSource.of(Vertx.vertx()));
  }

  static ManyNodes open(Service service, String strategy, TimeSource time) {
    ManyNodes many = new ManyNodes(service, new Captured(Strategy.named(strategy)), time);
    many.publish().next().done(Outcome.SUCCESS);
    return many;
  }

  static Service service(int nodes) {
    Service.Builder service = Service.builder(SERVICE);
    for (int i = 0; i < nodes; i++) {
      service.node(Node.of("node-" + i, "127.0.0.1:" + (10_000 + i % 50_000)));
    }
    return service.build();
  }

  Selector selector() {
    return selector;
  }

  /** The picker that the strategy made last. */
  Picker picker() {
    return Objects.requireNonNull(strategy.picker, "picker");
  }

  /** Lets the strategy prepare for the same nodes once more. */
  Picker prepare() {
    return Objects.requireNonNull(strategy.balancer, "balancer").picker(strategy.candidates);
  }

  /** Lets the registry name the same nodes in a new list, and opens a choice from it. */
  Next publish() {
    registry.publish(service);
    return selector.select(SERVICE).result();
  }

  /** Hands everything on, and keeps what was made. */
  private static final class Captured implements Strategy {

    private final Strategy strategy;
    private @Nullable Balancer balancer;
    private @Nullable Picker picker;
    private List<Candidate> candidates = List.of();

    Captured(Strategy strategy) {
      this.strategy = strategy;
    }

    @Override
    public Balancer newBalancer(RandomGenerator random) {
      Balancer made = strategy.newBalancer(random);
      balancer = made;
      return list -> {
        candidates = list;
        Picker prepared = made.picker(list);
        picker = prepared;
        return prepared;
      };
    }

    @Override
    public Load newLoad() {
      return strategy.newLoad();
    }
  }
}
