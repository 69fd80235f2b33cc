// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.shareddata.Shareable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all {@link MemoryRegistry} views of one registry have in common: the nodes, who owns them,
 * and who watches.
 *
 * <p>Everything is guarded by one lock, held for a few map operations and never while foreign code
 * runs: events are handed to the executor of the watch inside the lock, which keeps their order,
 * and run outside. Reads take no lock.
 *
 * <p>A node is known by its id within its service. Registering an id again moves the node to the
 * new owner; the old owner's close or expiry then leaves it alone.
 *
 * <p>Expiry has two triggers: a timer for each registration, and reads, because the context of a
 * worker runs no timer once its verticle is undeployed. Reading the clock costs more than all else
 * in a look-up, so only one look-up in {@link #LOOK_UPS_PER_CHECK} does, drawn at random.
 */
final class MemoryStore implements Shareable {

  static final int LOOK_UPS_PER_CHECK = 64;

  private final TimeSource time;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<String, Map<String, Entry>> services = new HashMap<>();
  private final Map<String, Set<MemoryWatch>> watches = new HashMap<>();
  private final Set<MemoryRegistration> mortal = new LinkedHashSet<>();

  // Written under the lock, read without it.
  private final ConcurrentMap<String, Future<List<Service>>> answers = new ConcurrentHashMap<>();
  private volatile boolean expires;
  private volatile long nextExpiry;

  MemoryStore(TimeSource time, RandomGenerator random) {
    this.time = time;
    this.random = random;
  }

  TimeSource time() {
    return time;
  }

  @Nullable Future<List<Service>> answer(String service) {
    if (expires && random.nextInt(LOOK_UPS_PER_CHECK) == 0) {
      expireOverdue();
    }
    return answers.get(service);
  }

  List<String> names() {
    expireOverdue();
    return List.copyOf(new TreeSet<>(answers.keySet()));
  }

  void watch(MemoryWatch watch) {
    lock.lock();
    try {
      watches.computeIfAbsent(watch.service(), name -> new LinkedHashSet<>()).add(watch);
    } finally {
      lock.unlock();
    }
  }

  void unwatch(MemoryWatch watch) {
    lock.lock();
    try {
      Set<MemoryWatch> same = watches.get(watch.service());
      if (same != null && same.remove(watch) && same.isEmpty()) {
        watches.remove(watch.service());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Adds the registration's nodes; those that others own move to it. */
  void add(MemoryRegistration registration) {
    lock.lock();
    try {
      add(registration, registration.service().nodes());
      keepAlive(registration);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a sign of life: what had expired comes back, what others took over stays theirs. */
  void renew(MemoryRegistration registration) {
    lock.lock();
    try {
      Service service = registration.service();
      Map<String, Entry> known = services.getOrDefault(service.name(), Map.of());
      add(
          registration,
          service.nodes().stream().filter(node -> !known.containsKey(node.id())).toList());
      keepAlive(registration);
    } finally {
      lock.unlock();
    }
  }

  private void add(MemoryRegistration registration, List<Node> added) {
    Service head = registration.service().withNodes(List.of());
    Map<String, Entry> nodes = services.computeIfAbsent(head.name(), n -> new LinkedHashMap<>());
    Changes changes = new Changes();
    for (Node node : added) {
      changes.put(nodes.put(node.id(), new Entry(head, node, registration)), head, node);
    }
    publish(head.name(), changes);
  }

  /** Removes the nodes that the registration still owns. */
  void remove(MemoryRegistration registration) {
    lock.lock();
    try {
      mortal.remove(registration);
      findNextExpiry();
      String name = registration.service().name();
      Map<String, Entry> nodes = services.get(name);
      if (nodes == null) {
        return;
      }
      Changes changes = new Changes();
      for (Node node : registration.service().nodes()) {
        Entry entry = nodes.get(node.id());
        if (entry != null && entry.owner == registration) {
          nodes.remove(node.id());
          changes.remove(entry);
        }
      }
      publish(name, changes);
    } finally {
      lock.unlock();
    }
  }

  /** Removes what has given no sign of life for its TTL. */
  void expireOverdue() {
    if (!expires || nextExpiry - time.nanoTime() > 0) {
      return;
    }
    lock.lock();
    try {
      long now = time.nanoTime();
      List<MemoryRegistration> overdue =
          mortal.stream().filter(registration -> registration.expiresAt() - now <= 0).toList();
      overdue.forEach(this::remove);
    } finally {
      lock.unlock();
    }
  }

  private void keepAlive(MemoryRegistration registration) {
    if (!registration.options().ttl().isZero()) {
      registration.expireAfter(time.nanoTime());
      mortal.add(registration);
      findNextExpiry();
    }
  }

  private void findNextExpiry() {
    long now = time.nanoTime();
    long least = Long.MAX_VALUE;
    for (MemoryRegistration registration : mortal) {
      least = Math.min(least, registration.expiresAt() - now);
    }
    nextExpiry = now + least;
    expires = !mortal.isEmpty();
  }

  private void publish(String name, Changes changes) {
    if (changes.isEmpty()) {
      return;
    }
    Map<String, Entry> nodes = services.getOrDefault(name, Map.of());
    if (nodes.isEmpty()) {
      services.remove(name);
      answers.remove(name);
    } else {
      answers.put(name, Future.succeededFuture(versions(nodes)));
    }
    for (RegistryEvent event : changes.events()) {
      for (MemoryWatch watch : watches.getOrDefault(name, Set.of())) {
        watch.deliver(event);
      }
    }
  }

  /** One service per version; metadata and endpoints are those of its youngest registration. */
  private static List<Service> versions(Map<String, Entry> nodes) {
    Map<String, Service> heads = new LinkedHashMap<>();
    for (Entry entry : nodes.values()) {
      heads.put(entry.head.version(), entry.head);
    }
    List<Service> versions = new ArrayList<>(heads.size());
    for (Service head : heads.values()) {
      versions.add(
          head.withNodes(
              nodes.values().stream()
                  .filter(entry -> entry.head.version().equals(head.version()))
                  .map(Entry::node)
                  .toList()));
    }
    return List.copyOf(versions);
  }

  /**
   * One node.
   *
   * @param head its service without nodes
   * @param node the node
   * @param owner who registered it last
   */
  private record Entry(Service head, Node node, MemoryRegistration owner) {}

  /** What one step changed, as events: deletes first, so that a move between versions adds last. */
  private static final class Changes {

    private final Map<Service, List<Node>> deleted = new LinkedHashMap<>();
    private final Map<Service, List<Node>> updated = new LinkedHashMap<>();
    private final Map<Service, List<Node>> created = new LinkedHashMap<>();

    void put(@Nullable Entry before, Service head, Node node) {
      if (before == null) {
        add(created, head, node);
      } else if (!before.head.version().equals(head.version())) {
        remove(before);
        add(created, head, node);
      } else if (!before.node.equals(node) || !before.head.equals(head)) {
        add(updated, head, node);
      }
    }

    void remove(Entry entry) {
      add(deleted, entry.head, entry.node);
    }

    private static void add(Map<Service, List<Node>> changes, Service head, Node node) {
      changes.computeIfAbsent(head, h -> new ArrayList<>()).add(node);
    }

    boolean isEmpty() {
      return deleted.isEmpty() && updated.isEmpty() && created.isEmpty();
    }

    List<RegistryEvent> events() {
      List<RegistryEvent> events = new ArrayList<>();
      deleted.forEach((head, nodes) -> events.add(event(Action.DELETE, head, nodes)));
      updated.forEach((head, nodes) -> events.add(event(Action.UPDATE, head, nodes)));
      created.forEach((head, nodes) -> events.add(event(Action.CREATE, head, nodes)));
      return events;
    }

    private static RegistryEvent event(Action action, Service head, List<Node> nodes) {
      return new RegistryEvent(action, head.withNodes(nodes));
    }
  }
}
