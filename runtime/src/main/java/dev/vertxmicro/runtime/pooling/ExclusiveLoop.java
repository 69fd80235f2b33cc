// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The pools of a transport on one event loop, one for each node, and what opens their sockets.
 * Belongs to the event loop.
 *
 * @param <P> a pool
 */
public abstract class ExclusiveLoop<P extends ExclusivePool<?, ?, P>> extends NodeLoop<P> {

  private final ExclusivePools<P> shared;
  private @Nullable NetClient dialer;

  /** Makes what {@code context} is to own. */
  protected ExclusiveLoop(ExclusivePools<P> shared, Context context) {
    super(context, shared.time(), shared.observer(), shared.idleTimeout());
    this.shared = shared;
  }

  /** Returns a client for the sockets of this event loop; called as its context. */
  protected abstract NetClient newDialer();

  /** Returns what the loops of the transport share. */
  public final ExclusivePools<P> pools() {
    return shared;
  }

  /** Opens a socket. Runs as the context of the loop. */
  public final Future<NetSocket> connect(ConnectOptions to) {
    NetClient client = dialer;
    if (client == null) {
      client = newDialer();
      dialer = client;
    }
    try {
      return client.connect(to);
    } catch (RuntimeException badOptions) {
      return Future.failedFuture(badOptions);
    }
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
    NetClient client = dialer;
    dialer = null;
    return client == null ? Future.succeededFuture() : client.close();
  }
}
