// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A service with nodes that come, go and fail, seen through one selector on virtual time. */
final class Cluster {

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final RegistrySelector selector;

  Cluster(Strategy strategy, SelectorOptions options) {
    this.selector =
        (RegistrySelector)
            Selector.builder(registry, time)
                .strategy(strategy)
                .options(options)
                .random(new SplittableRandom(12))
                .build();
  }

  /** Adds nodes with an id from {@code prefix} and a number, with metadata. */
  Cluster with(String prefix, int count, String... metadata) {
    for (int i = 0; i < count; i++) {
      Node.Builder node = Node.builder(prefix + i, "127.0.0.1:1");
      for (int entry = 0; entry < metadata.length; entry += 2) {
        node.metadata(metadata[entry], metadata[entry + 1]);
      }
      nodes.put(prefix + i, node.build());
    }
    return publish();
  }

  Cluster without(Predicate<String> id) {
    nodes.keySet().removeIf(id);
    return publish();
  }

  /** Gives a node another address. */
  Cluster moves(String id) {
    nodes.put(id, Node.builder(id, "127.0.0.1:2").metadata(nodes.get(id).metadata()).build());
    return publish();
  }

  /** Makes calls to one node fail until that is enough to eject it. */
  void fails(String id) {
    SelectOption only =
        SelectOption.filter(Filter.where(id, (service, node) -> node.id().equals(id)));
    for (int i = 0; i < EjectionOptions.DEFAULT_CONSECUTIVE_FAILURES; i++) {
      next(only).next().done(Fleet.LOST);
    }
  }

  Cluster publish() {
    registry.answer(
        Service.builder("greeter")
            .version("1.0.0")
            .build()
            .withNodes(new ArrayList<>(nodes.values())));
    return this;
  }

  RegistrySelector selector() {
    return selector;
  }

  Next next(SelectOption... options) {
    return selector.select("greeter", options).result();
  }

  /** Makes a quick call that succeeds; returns the node. */
  String call(SelectOption... options) {
    Pick pick = next(options).next();
    pick.done(Outcome.SUCCESS);
    return pick.node().id();
  }

  /** Makes many quick calls; returns how many each node got. */
  Map<String, Integer> calls(int count, SelectOption... options) {
    Map<String, Integer> calls = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      calls.merge(call(options), 1, Integer::sum);
    }
    return calls;
  }

  /** Makes many quick calls; returns the part that nodes with the prefix got. */
  double part(String prefix, int count, SelectOption... options) {
    return (double)
            calls(count, options).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToInt(Map.Entry::getValue)
                .sum()
        / count;
  }

  /** Returns the nodes that one call gets in turn, as many as there are. */
  List<String> order(SelectOption... options) {
    Next next = next(options);
    List<String> order = new ArrayList<>();
    for (int i = next.size(); i > 0; i--) {
      Pick pick = next.next();
      order.add(pick.node().id());
      pick.done(Outcome.SUCCESS);
    }
    return order;
  }

  Set<String> reachable(SelectOption... options) {
    return new LinkedHashSet<>(order(options));
  }

  /** Sets the health of nodes whose ids match, as the judge of outcomes would. */
  void health(Health health, Predicate<String> id) {
    ServiceEntry entry = selector.entry("greeter");
    entry.topology().candidates().stream()
        .filter(candidate -> id.test(candidate.id()))
        .forEach(candidate -> candidate.state().health(health));
    entry.outdated();
    entry.renewViews(time.nanoTime());
  }

  void pass(Duration duration) {
    time.advance(duration);
  }
}
