// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The replies, the least recently asked for first, and the calls under way. Everything is guarded
 * by one lock, held for map operations only.
 */
final class CacheStore {

  /** An entry besides what is in it: two map nodes and a handful of objects. */
  private static final int ENTRY_BYTES = 256;

  private final TimeSource time;
  private final ResponseCacheOptions options;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<CacheKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<CacheKey, Promise<CachedReply>> flights = new HashMap<>();
  private long bytes;
  private long generation;
  private long hits;
  private long misses;
  private long joined;
  private long uncacheable;
  private long evicted;

  CacheStore(TimeSource time, ResponseCacheOptions options) {
    this.time = time;
    this.options = options;
  }

  private record Entry(CachedReply reply, long storedAt, long ttl, int bytes) {}

  /**
   * What a call is to do: take the reply, wait for that of another, or make it and end the flight.
   *
   * @param reply the reply, if it is there
   * @param flight the call under way
   * @param leads whether the caller is to make it
   * @param generation what {@link #land} wants to know
   */
  record Outcome(
      @Nullable CachedReply reply,
      @Nullable Promise<CachedReply> flight,
      boolean leads,
      long generation) {}

  Outcome look(CacheKey key, Duration ttl) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry != null) {
        long age = time.nanoTime() - entry.storedAt;
        if (age < entry.ttl && age < Nanos.of(ttl)) {
          hits++;
          return new Outcome(entry.reply, null, false, generation);
        }
        if (age >= entry.ttl) {
          remove(key, entry);
        }
      }
      Promise<CachedReply> flight = flights.get(key);
      if (flight != null) {
        joined++;
        return new Outcome(null, flight, false, generation);
      }
      misses++;
      Promise<CachedReply> own = Promise.promise();
      flights.put(key, own);
      return new Outcome(null, own, true, generation);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a flight and keeps what it brought.
   *
   * @param ttl zero to keep nothing
   */
  void land(CacheKey key, Outcome flight, @Nullable CachedReply reply, Duration ttl) {
    lock.lock();
    try {
      flights.remove(key, flight.flight());
      if (reply != null && !ttl.isZero() && flight.generation() == generation) {
        put(key, reply, ttl);
      }
    } finally {
      lock.unlock();
    }
  }

  private void put(CacheKey key, CachedReply reply, Duration ttl) {
    int size = ENTRY_BYTES + key.bytes() + reply.bytes();
    if (size > options.getMaxEntryBytes() || size > options.getMaxBytes()) {
      uncacheable++;
      return;
    }
    Entry before = entries.get(key);
    if (before != null) {
      remove(key, before);
    }
    entries.put(key, new Entry(reply, time.nanoTime(), Nanos.of(ttl), size));
    bytes += size;
    Iterator<Map.Entry<CacheKey, Entry>> eldest = entries.entrySet().iterator();
    while (entries.size() > options.getMaxEntries() || bytes > options.getMaxBytes()) {
      bytes -= eldest.next().getValue().bytes;
      eldest.remove();
      evicted++;
    }
  }

  private void remove(CacheKey key, Entry entry) {
    entries.remove(key);
    bytes -= entry.bytes;
  }

  void notCacheable() {
    lock.lock();
    try {
      uncacheable++;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets entries; what is under way now is not kept either. */
  void forget(Predicate<CacheKey> which) {
    lock.lock();
    try {
      generation++;
      entries
          .entrySet()
          .removeIf(
              entry -> {
                boolean goes = which.test(entry.getKey());
                bytes -= goes ? entry.getValue().bytes : 0;
                return goes;
              });
    } finally {
      lock.unlock();
    }
  }

  CacheStats stats() {
    lock.lock();
    try {
      return new CacheStats(hits, misses, joined, uncacheable, evicted, entries.size(), bytes);
    } finally {
      lock.unlock();
    }
  }
}
