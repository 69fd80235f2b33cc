// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a service that is watched. It begins with a question; from then on each sign of
 * life counts, an announcement or an answer. A node that gives none for {@link
 * PeerSettings#probeInterval} is asked for, again and again, and one that gives none for its TTL
 * has gone. While the wire is lost nobody can give one, and nobody goes; when it is back all have
 * their TTL anew.
 *
 * <p>Touched at home only.
 */
final class PeerDirectory {

  private final PeerRegistry registry;
  private final String service;
  private final Map<String, Known> nodes = new LinkedHashMap<>();
  private final Set<PeerWatch> watches = new LinkedHashSet<>();
  private List<Service> reported = List.of();
  private boolean standing;
  private boolean closed;
  private @Nullable Timer timer;

  PeerDirectory(PeerRegistry registry, String service) {
    this.registry = registry;
    this.service = service;
  }

  /** Asks for what is there; watches stand when that is answered. */
  void open() {
    registry
        .open()
        .compose(up -> closed ? registry.refused() : registry.ask(service).over())
        .onComplete(
            told -> {
              if (closed) {
                return;
              }
              if (told.failed()) {
                registry.failing(this, told.cause());
                again(registry.settings().retryInterval(), this::open);
                return;
              }
              standing = true;
              registry.well(this);
              reported = versions();
              watches.forEach(PeerWatch::stand);
              again(registry.settings().probeInterval(), this::tick);
            });
  }

  void watch(PeerWatch watch) {
    watches.add(watch);
    if (standing) {
      watch.stand();
    }
  }

  /** Ends when nobody watches any more. */
  void unwatch(PeerWatch watch) {
    watches.remove(watch);
    if (watches.isEmpty()) {
      close();
      registry.well(this);
      registry.forget(service);
    }
  }

  void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
    RpcException failure = registry.closedFailure();
    List.copyOf(watches).forEach(watch -> watch.fail(failure));
  }

  void seen(Service seen, Duration ttl) {
    boolean changed = false;
    for (Node node : seen.nodes()) {
      Service entry = seen.nodes().size() == 1 ? seen : seen.withNodes(List.of(node));
      Known known = nodes.get(node.id());
      if (known == null && nodes.size() >= registry.settings().maxNodes()) {
        registry
            .complaints()
            .about(where(), "more than " + nodes.size() + " nodes are left out (maxNodes)");
      } else if (known == null || !known.entry.equals(entry)) {
        changed = true;
        nodes.put(node.id(), new Known(entry, registry.time().nanoTime(), Nanos.of(ttl)));
      } else {
        known.seen = registry.time().nanoTime();
        known.ttl = Nanos.of(ttl);
      }
    }
    if (changed) {
      report();
    }
  }

  void gone(Service gone) {
    Set<String> ids = new LinkedHashSet<>();
    gone.nodes().forEach(node -> ids.add(node.id()));
    if (nodes
        .entrySet()
        .removeIf(
            known ->
                known.getValue().entry.version().equals(gone.version())
                    && (ids.isEmpty() || ids.contains(known.getKey())))) {
      report();
    }
  }

  /** The wire is back: what was missed is asked for, and time begins anew for all. */
  void back() {
    long now = registry.time().nanoTime();
    nodes.values().forEach(known -> known.seen = now);
    if (standing) {
      probe();
    }
  }

  private void tick() {
    long now = registry.time().nanoTime();
    long next = Nanos.of(registry.settings().probeInterval());
    if (registry.wire().isOpen()) {
      if (nodes.values().removeIf(known -> now - known.seen >= known.ttl)) {
        report();
      }
      long unseen = next;
      if (nodes.values().stream().anyMatch(known -> now - known.seen >= unseen)) {
        probe();
      }
      for (Known known : nodes.values()) {
        next = Math.min(next, known.seen + known.ttl - now);
      }
    }
    again(Duration.ofNanos(next), this::tick);
  }

  /** Answers are heard like all else. */
  private void probe() {
    try {
      registry.ask(service);
    } catch (RpcException notSent) {
      registry.failing(this, notSent);
    }
  }

  private void again(Duration after, Runnable task) {
    timer =
        registry
            .time()
            .timer(
                Nanos.of(after),
                () -> {
                  if (!closed) {
                    task.run();
                  }
                });
  }

  private void report() {
    if (!standing) {
      return;
    }
    List<Service> before = reported;
    reported = versions();
    for (RegistryEvent event : Versions.diff(before, reported)) {
      watches.forEach(watch -> watch.deliver(event));
    }
  }

  private List<Service> versions() {
    List<Service> entries = new ArrayList<>(nodes.size());
    nodes.values().forEach(known -> entries.add(known.entry));
    return Versions.merge(entries, where(), registry.complaints());
  }

  private String where() {
    return registry.settings().name() + " service " + service;
  }

  @Override
  public String toString() {
    return "watch on " + where();
  }

  /** A node, as a service with this node only, and when it was heard of. */
  private static final class Known {

    private final Service entry;
    private long seen;
    private long ttl;

    Known(Service entry, long seen, long ttl) {
      this.entry = entry;
      this.seen = seen;
      this.ttl = ttl;
    }
  }
}
