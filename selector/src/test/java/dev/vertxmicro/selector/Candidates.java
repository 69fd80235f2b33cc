// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.time.FakeTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Candidates and requests for tests that ask a {@link Picker} itself. */
final class Candidates {

  /** A call that has tried nothing. */
  static final PickRequest FRESH = having(Set.of());

  private Candidates() {}

  static List<Candidate> of(Strategy strategy, int count) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(Node.of("n" + i, "127.0.0.1:" + (9000 + i)));
    }
    return of(strategy, nodes);
  }

  static List<Candidate> of(Strategy strategy, List<Node> nodes) {
    Service service = Service.builder("greeter").build().withNodes(nodes);
    ServiceEntry entry = entry(strategy, service);
    return nodes.stream()
        .map(node -> new Candidate(service, node, new NodeState(entry, strategy.newLoad())))
        .toList();
  }

  /** Returns the entry of a selector that knows {@code service}. */
  static ServiceEntry entry(Strategy strategy, Service service) {
    StaticRegistry registry = StaticRegistry.of(service);
    ServiceEntry entry =
        new ServiceEntry(
            new RegistrySelector(
                Selector.builder(registry, new FakeTimeSource()).strategy(strategy)),
            service.name());
    entry.see(registry.get(service.name()).result());
    return entry;
  }

  /** Returns a call without a key that has tried the nodes with these ids. */
  static PickRequest having(Set<String> tried) {
    return request(null, tried, 0);
  }

  /** Returns a call with a key that has tried nothing, while nothing is in flight. */
  static PickRequest keyed(String key) {
    return request(key, Set.of(), 0);
  }

  static PickRequest request(@Nullable String key, Set<String> tried, long inFlight) {
    return new PickRequest() {
      @Override
      public @Nullable String key() {
        return key;
      }

      @Override
      public boolean tried(Candidate candidate) {
        return tried.contains(candidate.id());
      }

      @Override
      public long inFlight() {
        return inFlight;
      }
    };
  }
}
