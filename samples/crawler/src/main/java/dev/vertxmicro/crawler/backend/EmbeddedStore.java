// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the masters and workers of one process share in place of an etcd. The candidates stand in a
 * queue and the first of them leads; one that gives no sign of life for its TTL is taken out by
 * whichever other looks first.
 *
 * <p>May be used from any thread: everything is guarded by one lock, held for a few operations on
 * maps. Listeners are told inside of it, which keeps the order; they only hand over to the context
 * that they belong to.
 */
public final class EmbeddedStore {

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final List<Entry> candidates = new ArrayList<>();
  private final Map<String, Buffer> resources = new TreeMap<>();
  private final Set<ResourceListener> listeners = new LinkedHashSet<>();
  private long terms;

  /** Makes an empty store. */
  public EmbeddedStore() {}

  /** Who stands in the queue. */
  private static final class Entry {
    final long number;
    final String master;
    final Runnable changed;
    long expiresAt;

    Entry(long number, String master, Runnable changed, long expiresAt) {
      this.number = number;
      this.master = master;
      this.changed = changed;
      this.expiresAt = expiresAt;
    }
  }

  /**
   * The first in the queue.
   *
   * @param number of its place, higher for whoever came later
   */
  record Leader(long number, String master) {}

  /** Takes a place at the end of the queue and returns its number. */
  long join(String master, long expiresAt, Runnable changed) {
    lock.lock();
    try {
      Entry entry = new Entry(++terms, master, changed, expiresAt);
      candidates.add(entry);
      return entry.number;
    } finally {
      lock.unlock();
    }
  }

  /** Notes a sign of life; false if the place is lost. */
  boolean renew(long number, long expiresAt) {
    lock.lock();
    try {
      Entry entry = find(number);
      if (entry != null) {
        entry.expiresAt = expiresAt;
      }
      return entry != null;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Entry find(long number) {
    return candidates.stream().filter(entry -> entry.number == number).findFirst().orElse(null);
  }

  /** Gives a place up. */
  void leave(long number) {
    List<Runnable> told;
    lock.lock();
    try {
      candidates.removeIf(entry -> entry.number == number);
      told = candidates.stream().map(entry -> entry.changed).toList();
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  /** Takes out who has been silent for too long. */
  void expire(long now) {
    List<Runnable> told = List.of();
    lock.lock();
    try {
      List<Runnable> all = candidates.stream().map(entry -> entry.changed).toList();
      if (candidates.removeIf(entry -> entry.expiresAt - now <= 0)) {
        told = all;
      }
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  @Nullable Leader leader() {
    lock.lock();
    try {
      return candidates.isEmpty()
          ? null
          : new Leader(candidates.get(0).number, candidates.get(0).master);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a resource if {@code number} leads.
   *
   * @param value null to delete it
   */
  boolean write(long number, String name, @Nullable Buffer value) {
    lock.lock();
    try {
      if (candidates.isEmpty() || candidates.get(0).number != number) {
        return false;
      }
      if (value == null) {
        resources.remove(name);
        listeners.forEach(listener -> listener.deleted(name));
      } else {
        resources.put(name, value);
        listeners.forEach(listener -> listener.put(name, value));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  Map<String, Buffer> resources() {
    lock.lock();
    try {
      return new TreeMap<>(resources);
    } finally {
      lock.unlock();
    }
  }

  /** Tells a listener of what is there, and of changes from now on. */
  void listen(ResourceListener listener) {
    lock.lock();
    try {
      listeners.add(listener);
      resources.forEach(listener::put);
    } finally {
      lock.unlock();
    }
  }

  void unlisten(ResourceListener listener) {
    lock.lock();
    try {
      listeners.remove(listener);
    } finally {
      lock.unlock();
    }
  }
}
