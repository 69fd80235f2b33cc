// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a transport holds on one event loop: a pool for each node, and the sweep that closes what
 * nobody uses. Belongs to the event loop.
 *
 * <p>Its own context, not that of a caller, owns connections and timers: they outlive verticles and
 * remember nobody's locals.
 *
 * @param <P> a pool
 */
public abstract class ExclusiveLoop<P extends ExclusivePool<?, ?, P>> implements PerLoop.Part {

  private final ExclusivePools<P> shared;
  private final Context context;
  private final Arrivals arrivals;
  private final Map<String, P> pools = new HashMap<>();
  private @Nullable NetClient dialer;
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  /** Makes what {@code context} is to own. */
  protected ExclusiveLoop(ExclusivePools<P> shared, Context context) {
    this.shared = shared;
    this.context = context;
    this.arrivals = new Arrivals(context);
  }

  /** Returns a client for the sockets of this event loop; called as its context. */
  protected abstract NetClient newDialer();

  @Override
  public final Context context() {
    return context;
  }

  /** Returns what the loops of the transport share. */
  public final ExclusivePools<P> pools() {
    return shared;
  }

  /** Returns what other threads want done here. */
  protected final Arrivals arrivals() {
    return arrivals;
  }

  /** Returns the instant on the clock of the transport. */
  public final long nanoTime() {
    return shared.time().nanoTime();
  }

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  public final Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> shared.time().timer(delayNanos, () -> EventLoops.execute(context, task)));
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
    P known = pools.get(key);
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
    pools.put(key, pool);
    if (sweep == null) {
      sweep = arm(shared.sweepNanos(), this::sweep);
    }
    return pool;
  }

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    for (P pool : List.copyOf(pools.values())) {
      pool.sweep(now);
      if (pool.isForgettable(now)) {
        forget(pool);
      }
    }
    if (!pools.isEmpty()) {
      sweep = arm(shared.sweepNanos(), this::sweep);
    }
  }

  private void forget(P pool) {
    pool.close();
    pools.remove(pool.address());
    shared.nodes().detach(pool.address());
  }

  /** Follows the bounds that hold now. */
  public final void applyLimits() {
    pools.values().forEach(pool -> pool.applyLimits(shared.limits()));
  }

  // ---- closing

  /** Completes when all connections of this loop are gone. */
  @Override
  public final Future<Void> close() {
    if (closing != null) {
      return closing.future();
    }
    Promise<Void> done = Promise.promise();
    closing = done;
    for (P pool : List.copyOf(pools.values())) {
      pool.close();
      checkEmpty(pool);
    }
    completeIfEmpty();
    return done.future();
  }

  @Override
  public final void abort() {
    List.copyOf(pools.values()).forEach(ExclusivePool::abort);
  }

  /** Called by a pool when something of it is gone. */
  final void checkEmpty(P pool) {
    if (closing != null && pool.isEmpty() && pools.get(pool.address()) == pool) {
      forget(pool);
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    if (closing == null || !pools.isEmpty()) {
      return;
    }
    if (sweep != null) {
      sweep.cancel();
      sweep = null;
    }
    NetClient client = dialer;
    dialer = null;
    Promise<Void> done = closing;
    if (client == null) {
      done.tryComplete();
    } else {
      client.close().onComplete(gone -> done.tryComplete(), done::tryFail);
    }
  }
}
