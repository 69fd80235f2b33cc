// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.registry.Node;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which worker has which resource. A worker is known by id and address together: one that came back
 * on another port is another, and what it had is handed out anew.
 *
 * <p>The choice is the worker with the fewest resources, of several the one whose id comes first:
 * O(workers).
 */
final class Assignments {

  private final Map<String, Resource> resources = new TreeMap<>();
  private final Map<String, Integer> loads = new HashMap<>();
  private Map<String, Node> workers = Map.of();

  /** Replaces the workers that are there. */
  void setWorkers(Collection<Node> live) {
    Map<String, Node> byName = new TreeMap<>();
    live.forEach(worker -> byName.put(Resource.assignee(worker), worker));
    workers = byName;
  }

  /** Replaces all resources. */
  void setResources(Collection<Resource> all) {
    resources.clear();
    loads.clear();
    all.forEach(this::put);
  }

  boolean hasWorkers() {
    return !workers.isEmpty();
  }

  @Nullable Resource find(String name) {
    return resources.get(name);
  }

  /** Notes a resource, in place of that of the same name and its load. */
  void put(Resource resource) {
    remove(resource.name());
    resources.put(resource.name(), resource);
    loads.merge(resource.assignedNode(), 1, Integer::sum);
  }

  void remove(String name) {
    Resource before = resources.remove(name);
    if (before != null) {
      loads.merge(before.assignedNode(), -1, Integer::sum);
    }
  }

  /** Returns the number of resources of a worker. */
  int load(Node worker) {
    return loads.getOrDefault(Resource.assignee(worker), 0);
  }

  /** Returns who is to have the next resource; null without workers. */
  @Nullable Node leastLoaded() {
    return workers.values().stream()
        .min(Comparator.<Node>comparingInt(this::load).thenComparing(Node::id))
        .orElse(null);
  }

  /** Tells whether the worker of a resource is there. */
  boolean isLive(Resource resource) {
    return workers.containsKey(resource.assignedNode());
  }

  /** Returns the resources whose worker is not there. */
  List<Resource> homeless() {
    return resources.values().stream().filter(resource -> !isLive(resource)).toList();
  }

  int size() {
    return resources.size();
  }
}
