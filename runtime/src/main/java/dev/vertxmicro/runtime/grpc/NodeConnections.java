// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops share about one node: how many connections and waiting exchanges there are
 * in all, and which loops have some. Touched when connections come and go and when exchanges wait,
 * never by a call that finds a free stream.
 */
final class NodeConnections {

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<ConnectionPool, Integer> owners = new ConcurrentHashMap<>();

  /** Takes the place of one connection if fewer than {@code most} stand or are being opened. */
  boolean tryOpen(ConnectionPool owner, int most) {
    if (!increment(connections, most)) {
      return false;
    }
    owners.merge(owner, 1, Integer::sum);
    return true;
  }

  /** Gives the place of a connection back. */
  void closed(ConnectionPool owner) {
    disown(owner);
    connections.decrementAndGet();
  }

  /** Gives the place of a connection back if more than {@code most} are taken. */
  boolean tryShrink(ConnectionPool owner, int most) {
    int now = connections.get();
    while (now > most) {
      if (connections.compareAndSet(now, now - 1)) {
        disown(owner);
        return true;
      }
      now = connections.get();
    }
    return false;
  }

  /** Returns a pool that has or opens a connection, or null if none does. */
  @Nullable ConnectionPool anyOwner() {
    for (ConnectionPool owner : owners.keySet()) {
      return owner;
    }
    return null;
  }

  /** Takes a place among those that wait if there are fewer than {@code most}. */
  boolean tryWait(int most) {
    return increment(waiting, most);
  }

  void waitedEnough() {
    waiting.decrementAndGet();
  }

  private void disown(ConnectionPool owner) {
    owners.computeIfPresent(owner, (pool, count) -> count == 1 ? null : count - 1);
  }

  private static boolean increment(AtomicInteger counter, int most) {
    int now = counter.get();
    while (now < most) {
      if (counter.compareAndSet(now, now + 1)) {
        return true;
      }
      now = counter.get();
    }
    return false;
  }
}
