// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.registry.Node;
import io.vertx.core.Context;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which event loop has the way to a node, for transports with one connection to each node: that of
 * the first caller, until it has forgotten the way. May be used from any thread.
 *
 * @param <L> what there is on one event loop
 */
public final class Homes<L extends Homes.Home> {

  private final PerLoop<L> loops;
  private final Map<String, L> homes = new ConcurrentHashMap<>();

  /** An event loop that has ways to nodes. */
  public interface Home extends PerLoop.Part {

    /**
     * Holds the way to a node that is at home here from now on, or releases it. Runs as the context
     * of the loop.
     */
    void settle(Node node);
  }

  /** Starts empty; {@code loops} has those that become homes. */
  public Homes(PerLoop<L> loops) {
    this.loops = loops;
  }

  /** Returns the home of a node: that of {@code caller} if there is none yet. */
  public L of(String key, Node node, Context caller) {
    L known = homes.get(key);
    if (known != null) {
      return known;
    }
    L fresh = loops.of(caller);
    L other = homes.putIfAbsent(key, fresh);
    if (other != null) {
      return other;
    }
    // Not left to the call, which may be given up before it gets there: nobody would release.
    EventLoops.execute(fresh.context(), () -> fresh.settle(node));
    return fresh;
  }

  /** Returns the home of a node, or null if there is none. */
  public @Nullable L find(String key) {
    return homes.get(key);
  }

  /** Tells whether a node is, or now becomes, at home on {@code loop}. */
  public boolean claim(String key, L loop) {
    L other = homes.putIfAbsent(key, loop);
    return other == null || other == loop;
  }

  /** The loop has forgotten the way to a node. */
  public void release(String key, L loop) {
    homes.remove(key, loop);
  }
}
