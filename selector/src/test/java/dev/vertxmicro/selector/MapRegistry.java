// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A registry of several services that a test fills. */
final class MapRegistry implements Registry {

  private final Map<String, Map<String, Node>> nodes = new HashMap<>();
  private final Map<String, Future<List<Service>>> answers = new HashMap<>();
  private int lookUps;

  /** Adds a node with these keys and values as metadata. */
  void add(String service, String id, String... metadata) {
    Node.Builder node = Node.builder(id, "127.0.0.1:1");
    for (int i = 0; i < metadata.length; i += 2) {
      node.metadata(metadata[i], metadata[i + 1]);
    }
    nodes.computeIfAbsent(service, name -> new LinkedHashMap<>()).put(id, node.build());
    answers.remove(service);
  }

  void remove(String service, String id) {
    nodes.get(service).remove(id);
    answers.remove(service);
  }

  void fail(String service) {
    answers.put(service, Future.failedFuture("down"));
  }

  int lookUps() {
    return lookUps;
  }

  @Override
  public Future<List<Service>> get(String service) {
    lookUps++;
    return answers.computeIfAbsent(service, this::answer);
  }

  private Future<List<Service>> answer(String service) {
    Map<String, Node> known = nodes.getOrDefault(service, Map.of());
    return Future.succeededFuture(
        known.isEmpty()
            ? List.of()
            : List.of(Service.builder(service).build().withNodes(new ArrayList<>(known.values()))));
  }

  @Override
  public Future<List<String>> list() {
    return Future.succeededFuture(List.copyOf(nodes.keySet()));
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture("filled by the test");
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    throw new UnsupportedOperationException("not needed here");
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
