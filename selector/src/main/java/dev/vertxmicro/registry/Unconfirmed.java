// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of one service that the registry's last answers lacked although it reported no delete.
 * They are kept for a grace, because a registry that restarts without its memory fills up node by
 * node, as each gives its next sign of life. Belongs to one {@link CachedService}.
 */
final class Unconfirmed {

  private final Map<String, Missing> missing = new HashMap<>();

  /** Returns how many there are. */
  int size() {
    return missing.size();
  }

  /**
   * Returns {@code answer} together with the known nodes that it lacks and whose grace lasts. The
   * grace of a node begins with the first answer that lacks it.
   *
   * @param confirmedAt when the registry last answered with nodes before
   */
  List<Service> keep(
      List<Service> known,
      List<Service> answer,
      CachingOptions options,
      long confirmedAt,
      long now) {
    Set<String> answered = ids(answer);
    Set<String> kept = new HashSet<>();
    List<Service> lacking = new ArrayList<>();
    for (Service version : known) {
      List<Node> nodes = new ArrayList<>();
      for (Node node : version.nodes()) {
        if (!answered.contains(node.id())) {
          Missing since =
              missing.computeIfAbsent(
                  node.id(),
                  id ->
                      new Missing(
                          now + options.getGrace().toNanos(),
                          confirmedAt + options.getMaxStale().toNanos()));
          if (since.graceEnd - now > 0 && since.staleEnd - now > 0) {
            nodes.add(node);
            kept.add(node.id());
          }
        }
      }
      if (!nodes.isEmpty()) {
        lacking.add(version.withNodes(nodes));
      }
    }
    missing.keySet().retainAll(kept);
    return plus(answer, lacking);
  }

  private static List<Service> plus(List<Service> versions, List<Service> more) {
    if (more.isEmpty()) {
      return versions;
    }
    Map<String, Service> sum = new LinkedHashMap<>();
    versions.forEach(version -> sum.put(version.version(), version));
    for (Service version : more) {
      Service head = sum.getOrDefault(version.version(), version.withNodes(List.of()));
      List<Node> nodes = new ArrayList<>(head.nodes());
      nodes.addAll(version.nodes());
      sum.put(version.version(), head.withNodes(nodes));
    }
    return List.copyOf(sum.values());
  }

  /** Begins the grace of all anew: after an outage, in which nobody could register. */
  void restart(CachingOptions options, long now) {
    long graceEnd = now + options.getGrace().toNanos();
    missing.replaceAll((id, since) -> new Missing(graceEnd, since.staleEnd));
  }

  /** Takes note of an event: what it names is confirmed, or gone. */
  void see(RegistryEvent event, List<Service> after) {
    if (missing.isEmpty()) {
      return;
    }
    missing.keySet().retainAll(ids(after));
    if (event.action() != RegistryEvent.Action.DELETE) {
      event.service().nodes().forEach(node -> missing.remove(node.id()));
    }
  }

  /** Returns {@code known} without the nodes that were confirmed too long ago. */
  List<Service> withoutStale(List<Service> known, long now) {
    Set<String> stale = new HashSet<>();
    missing.forEach(
        (id, since) -> {
          if (since.staleEnd - now <= 0) {
            stale.add(id);
          }
        });
    if (stale.isEmpty()) {
      return known;
    }
    missing.keySet().removeAll(stale);
    List<Service> left = new ArrayList<>();
    for (Service version : known) {
      List<Node> nodes =
          version.nodes().stream().filter(node -> !stale.contains(node.id())).toList();
      if (!nodes.isEmpty()) {
        left.add(version.withNodes(nodes));
      }
    }
    return List.copyOf(left);
  }

  /** Returns how long until the first of them must be looked at again; long if there is none. */
  long nanosLeft(long now) {
    long least = Duration.ofDays(365).toNanos();
    for (Missing since : missing.values()) {
      least = Math.min(least, Math.min(since.graceEnd - now, since.staleEnd - now));
    }
    return Math.max(1, least);
  }

  void clear() {
    missing.clear();
  }

  private static Set<String> ids(List<Service> versions) {
    Set<String> ids = new HashSet<>();
    versions.forEach(version -> version.nodes().forEach(node -> ids.add(node.id())));
    return ids;
  }

  /**
   * Since when a node is missing, as what follows from it.
   *
   * @param graceEnd from when on an answer that lacks it is believed
   * @param staleEnd from when on it is not served at all
   */
  private record Missing(long graceEnd, long staleEnd) {}
}
