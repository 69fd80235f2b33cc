// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops share about one node: how many connections and waiting exchanges there are
 * in all, and which loops have some. Touched when connections come and go and when exchanges wait,
 * never by a call that finds a connection free.
 *
 * @param <P> what holds the connections of one event loop
 */
public final class NodeConnections<P> {

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<P, Integer> owners = new ConcurrentHashMap<>();

  /** Makes what is shared about a node without connections. */
  public NodeConnections() {}

  /** Takes the place of one connection if fewer than {@code most} stand or are being opened. */
  public boolean tryOpen(P owner, int most) {
    if (!increment(connections, most)) {
      return false;
    }
    owners.merge(owner, 1, Integer::sum);
    return true;
  }

  /** Gives the place of a connection back. */
  public void closed(P owner) {
    disown(owner);
    connections.decrementAndGet();
  }

  /** Gives the place of a connection back if more than {@code most} are taken. */
  public boolean tryShrink(P owner, int most) {
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
  public @Nullable P anyOwner() {
    for (P owner : owners.keySet()) {
      return owner;
    }
    return null;
  }

  /** Takes a place among those that wait if there are fewer than {@code most}. */
  public boolean tryWait(int most) {
    return increment(waiting, most);
  }

  /** Gives the place of one that waited back. */
  public void waitedEnough() {
    waiting.decrementAndGet();
  }

  private void disown(P owner) {
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
