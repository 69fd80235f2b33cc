// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The versions of one service as values: applying an event, and telling whether two are the same.
 */
final class Versions {

  private Versions() {}

  /**
   * Returns {@code versions} after {@code event}, as go-micro's cache does ({@code
   * registry/cache/cache.go}): nodes of a create or update replace those with the same id in that
   * version, others stay; a delete takes away its nodes, and without nodes the version. A version
   * without nodes is left out. Order is kept; what is new comes last. Cost O(nodes).
   */
  static List<Service> apply(List<Service> versions, RegistryEvent event) {
    Service changed = event.service();
    List<Service> after = new ArrayList<>(versions.size() + 1);
    boolean isNew = true;
    for (Service version : versions) {
      if (version.version().equals(changed.version())) {
        isNew = false;
        add(
            after,
            event.action() == RegistryEvent.Action.DELETE
                ? without(version, changed)
                : with(version, changed));
      } else {
        after.add(version);
      }
    }
    if (isNew && event.action() != RegistryEvent.Action.DELETE) {
      add(after, changed);
    }
    return List.copyOf(after);
  }

  private static void add(List<Service> versions, Service version) {
    if (!version.nodes().isEmpty()) {
      versions.add(version);
    }
  }

  private static Service with(Service version, Service changed) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    version.nodes().forEach(node -> nodes.put(node.id(), node));
    changed.nodes().forEach(node -> nodes.put(node.id(), node));
    return changed.withNodes(List.copyOf(nodes.values()));
  }

  private static Service without(Service version, Service changed) {
    Set<String> gone = new HashSet<>();
    changed.nodes().forEach(node -> gone.add(node.id()));
    return version.withNodes(
        gone.isEmpty()
            ? List.of()
            : version.nodes().stream().filter(node -> !gone.contains(node.id())).toList());
  }

  /** Tells whether both name the same, in whatever order. Cost O(nodes). */
  static boolean same(List<Service> left, List<Service> right) {
    if (left.equals(right)) {
      return true;
    }
    if (left.size() != right.size()) {
      return false;
    }
    Map<String, Service> byVersion = new HashMap<>();
    left.forEach(version -> byVersion.put(version.version(), version));
    for (Service version : right) {
      Service other = byVersion.get(version.version());
      if (other == null || !same(other, version)) {
        return false;
      }
    }
    return byVersion.size() == left.size();
  }

  private static boolean same(Service left, Service right) {
    return left.metadata().equals(right.metadata())
        && left.endpoints().equals(right.endpoints())
        && left.nodes().size() == right.nodes().size()
        && Set.copyOf(left.nodes()).equals(Set.copyOf(right.nodes()));
  }

  /** Returns how many nodes there are, for a log line. */
  static int nodes(List<Service> versions) {
    return versions.stream().mapToInt(version -> version.nodes().size()).sum();
  }
}
