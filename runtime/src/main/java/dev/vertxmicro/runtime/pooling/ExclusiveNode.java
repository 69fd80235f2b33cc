// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops share about one node: places for connections, for those that wait and for
 * streams; and which loops have connections that nobody uses, or exchanges that wait for one.
 *
 * <p>A loop says that it has exchanges waiting before it looks for a place, or for idle connections
 * elsewhere; and gives a place back, or says that it has idle connections, before it looks for
 * exchanges that wait elsewhere: so that one of two that act at the same time sees the other.
 *
 * @param <P> what holds the connections of one event loop
 */
public final class ExclusiveNode<P> {

  private final NodeConnections<P> places = new NodeConnections<>();
  private final Set<P> idle = ConcurrentHashMap.newKeySet();
  private final Set<P> needy = ConcurrentHashMap.newKeySet();
  private final AtomicInteger streams = new AtomicInteger();

  /** Makes what is shared about a node without connections. */
  public ExclusiveNode() {}

  NodeConnections<P> places() {
    return places;
  }

  void setIdle(P pool, boolean has) {
    set(idle, pool, has);
  }

  void setNeedy(P pool, boolean is) {
    set(needy, pool, is);
  }

  private void set(Set<P> pools, P pool, boolean in) {
    if (in) {
      pools.add(pool);
    } else {
      pools.remove(pool);
    }
  }

  /** Returns another pool that has idle connections, or null. */
  @Nullable P idleBeside(P pool) {
    return other(idle, pool);
  }

  /** Returns another pool that has exchanges waiting, or null. */
  @Nullable P needyBeside(P pool) {
    return other(needy, pool);
  }

  private @Nullable P other(Set<P> pools, P pool) {
    for (P candidate : pools) {
      if (candidate != pool) {
        return candidate;
      }
    }
    return null;
  }

  /** Takes the place of a stream if there are fewer than {@code most}. */
  boolean tryStream(int most) {
    int now = streams.get();
    while (now < most) {
      if (streams.compareAndSet(now, now + 1)) {
        return true;
      }
      now = streams.get();
    }
    return false;
  }

  void streamEnded() {
    streams.decrementAndGet();
  }
}
