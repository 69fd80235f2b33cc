// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.function.Function;

/**
 * The pools of a transport on one event loop, one for each node, and what opens their sockets.
 * Belongs to the event loop.
 *
 * @param <P> a pool
 */
public abstract class ExclusiveLoop<P extends ExclusivePool<?, ?, P>> extends NodeLoop<P> {

  private final ExclusivePools<P> shared;
  private final SocketDialer dialer;

  /** Makes what {@code context} is to own. */
  protected ExclusiveLoop(ExclusivePools<P> shared, Context context) {
    super(context, shared.time(), shared.observer(), shared.idleTimeout());
    this.shared = shared;
    this.dialer = new SocketDialer(context);
  }

  /** Returns what the loops of the transport share. */
  public final ExclusivePools<P> pools() {
    return shared;
  }

  /** Opens a socket, or fails after {@code timeout}. Runs as the context of the loop. */
  protected final Future<NetSocket> connect(ConnectOptions to, Duration timeout) {
    return dialer.connect(to, timeout);
  }

  /**
   * Returns the pool of a node.
   *
   * @param maker makes it of what loops share about the node; what it throws is thrown
   */
  protected final P pool(String key, Function<ExclusiveNode<P>, P> maker) {
    P known = way(key);
    if (known != null) {
      return known;
    }
    ExclusiveNode<P> node = shared.nodes().attach(key);
    P pool;
    try {
      pool = maker.apply(node);
    } catch (RuntimeException unfit) {
      shared.nodes().detach(key);
      throw unfit;
    }
    return hold(key, pool);
  }

  /** Follows the bounds that hold now. */
  public final void applyLimits() {
    ways().forEach(pool -> pool.applyLimits(shared.limits()));
  }

  @Override
  protected final void forgotten(String key) {
    shared.nodes().detach(key);
  }

  @Override
  protected final Future<Void> closeDialer() {
    return dialer.close();
  }
}
