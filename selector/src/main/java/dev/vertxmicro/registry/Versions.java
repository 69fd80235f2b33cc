// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.registry.RegistryEvent.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one service as values, as {@link Registry#get} returns them: made of entries that
 * name one node each, compared, and changed by events. For registries that are built on this.
 */
public final class Versions {

  private Versions() {}

  /**
   * Returns one service per version with the nodes of all entries of that version, in the order of
   * the entries. Metadata and endpoints are those of the first entry, as in go-micro. A node whose
   * id came before, in whatever version, is left out with a complaint. Cost O(nodes).
   *
   * @param entries what a registry holds of one service, for example a service for each node
   * @param where the registry and the service, for complaints
   */
  public static List<Service> merge(
      Iterable<Service> entries, String where, Complaints complaints) {
    return merge(
        entries,
        (first, node) ->
            complaints.about(
                where,
                "node "
                    + node.id()
                    + " comes twice, at "
                    + first.address()
                    + ", which is used, and at "
                    + node.address()));
  }

  /** Merges what several registries hold, which may well name the same nodes: the first counts. */
  static List<Service> union(List<Service> entries) {
    return merge(entries, (first, node) -> {}).stream()
        .filter(version -> !version.nodes().isEmpty())
        .toList();
  }

  private static List<Service> merge(Iterable<Service> entries, BiConsumer<Node, Node> twice) {
    Map<String, Service> heads = new LinkedHashMap<>();
    Map<String, List<Node>> nodes = new HashMap<>();
    Map<String, Node> byId = new HashMap<>();
    for (Service entry : entries) {
      heads.putIfAbsent(entry.version(), entry);
      List<Node> siblings = nodes.computeIfAbsent(entry.version(), v -> new ArrayList<>());
      for (Node node : entry.nodes()) {
        Node first = byId.putIfAbsent(node.id(), node);
        if (first == null) {
          siblings.add(node);
        } else {
          twice.accept(first, node);
        }
      }
    }
    List<Service> merged = new ArrayList<>(heads.size());
    heads.forEach(
        (version, head) -> merged.add(head.withNodes(nodes.getOrDefault(version, List.of()))));
    return List.copyOf(merged);
  }

  /**
   * Returns the events that lead from one state to another: deletes, then updates, then creates, so
   * that a node that moves to another version is added last. An event names only the nodes that it
   * is about; an update for the sake of metadata or endpoints names all of that version. A version
   * without nodes counts as absent. Cost O(nodes).
   */
  public static List<RegistryEvent> diff(List<Service> before, List<Service> after) {
    Map<String, Service> old = byVersion(before);
    Map<String, Service> now = byVersion(after);
    List<RegistryEvent> events = new ArrayList<>();
    old.forEach((version, service) -> addDelete(events, service, now.get(version)));
    now.forEach((version, service) -> addUpdate(events, old.get(version), service));
    now.forEach((version, service) -> addCreate(events, old.get(version), service));
    return List.copyOf(events);
  }

  private static Map<String, Service> byVersion(List<Service> versions) {
    Map<String, Service> byVersion = new LinkedHashMap<>();
    versions.forEach(version -> byVersion.put(version.version(), version));
    return byVersion;
  }

  private static void addDelete(
      List<RegistryEvent> events, Service before, @Nullable Service after) {
    Map<String, Node> left = byId(after);
    add(events, Action.DELETE, before, node -> !left.containsKey(node.id()));
  }

  private static void addUpdate(
      List<RegistryEvent> events, @Nullable Service before, Service after) {
    if (before != null) {
      Map<String, Node> known = byId(before);
      boolean sameHead = sameHead(before, after);
      add(
          events,
          Action.UPDATE,
          after,
          node -> {
            Node old = known.get(node.id());
            return old != null && !(sameHead && old.equals(node));
          });
    }
  }

  private static void addCreate(
      List<RegistryEvent> events, @Nullable Service before, Service after) {
    Map<String, Node> known = byId(before);
    add(events, Action.CREATE, after, node -> !known.containsKey(node.id()));
  }

  private static void add(
      List<RegistryEvent> events, Action action, Service service, Predicate<Node> about) {
    List<Node> nodes = service.nodes().stream().filter(about).toList();
    if (!nodes.isEmpty()) {
      events.add(new RegistryEvent(action, service.withNodes(nodes)));
    }
  }

  private static Map<String, Node> byId(@Nullable Service version) {
    Map<String, Node> byId = new HashMap<>();
    if (version != null) {
      version.nodes().forEach(node -> byId.put(node.id(), node));
    }
    return byId;
  }

  private static boolean sameHead(Service left, Service right) {
    return left.metadata().equals(right.metadata()) && left.endpoints().equals(right.endpoints());
  }

  /**
   * Returns {@code versions} after {@code event}, as go-micro's cache does ({@code
   * registry/cache/cache.go}): nodes of a create or update replace those with the same id in that
   * version, others stay; a delete takes away its nodes, and without nodes the version. A version
   * without nodes is left out. Order is kept; what is new comes last. Cost O(nodes).
   */
  public static List<Service> apply(List<Service> versions, RegistryEvent event) {
    Service changed = event.service();
    List<Service> after = new ArrayList<>(versions.size() + 1);
    boolean isNew = true;
    for (Service version : versions) {
      if (version.version().equals(changed.version())) {
        isNew = false;
        add(
            after,
            event.action() == Action.DELETE ? without(version, changed) : with(version, changed));
      } else {
        after.add(version);
      }
    }
    if (isNew && event.action() != Action.DELETE) {
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
  public static boolean same(List<Service> left, List<Service> right) {
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
    return sameHead(left, right)
        && left.nodes().size() == right.nodes().size()
        && Set.copyOf(left.nodes()).equals(Set.copyOf(right.nodes()));
  }

  /** Returns how many nodes there are in all versions. */
  public static int nodes(List<Service> versions) {
    return versions.stream().mapToInt(version -> version.nodes().size()).sum();
  }
}
