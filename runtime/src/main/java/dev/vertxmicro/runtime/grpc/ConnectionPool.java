// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeConnections;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.transport.PoolLimits;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one node, and the exchanges that wait for them.
 *
 * <p>An exchange takes the first connection with a free stream. If there is none it waits, and one
 * more connection is opened, one at a time, while the node's total over all event loops permits. A
 * loop that may open none and has none hands its exchanges to a loop that has one. Belongs to its
 * event loop; {@link NodeConnections} is what loops share.
 */
final class ConnectionPool implements NodeLoop.Way {

  private final GrpcLoop loop;
  private final Node node;
  private final String address;
  private final NodeAddress target;
  private final NodeConnections<ConnectionPool> shared;
  private final List<Connection> open = new ArrayList<>();
  private final List<Connection> draining = new ArrayList<>();
  private final ExchangeQueue queue = new ExchangeQueue();

  private @Nullable Dialer dialer;
  private @Nullable Dial dial;
  private @Nullable Promise<Void> connecting;
  private boolean serving;
  private boolean closed;
  private long lastUsedNanos;

  ConnectionPool(
      GrpcLoop loop,
      Node node,
      String address,
      NodeAddress target,
      NodeConnections<ConnectionPool> shared) {
    this.loop = loop;
    this.node = node;
    this.address = address;
    this.target = target;
    this.shared = shared;
    this.lastUsedNanos = loop.nanoTime();
  }

  GrpcLoop loop() {
    return loop;
  }

  /** Returns the node for which the pool was made; only its address and its wish for TLS matter. */
  Node node() {
    return node;
  }

  String address() {
    return address;
  }

  // for exchanges

  /** Sends {@code exchange} at once, or queues it, or fails it. Runs as the exchange's caller. */
  void acquire(PooledExchange exchange) {
    lastUsedNanos = exchange.startedNanos();
    if (queue.isEmpty()) {
      Connection free = pick(lastUsedNanos);
      if (free != null) {
        free.begin();
        exchange.send(free);
        return;
      }
    }
    int most = loop.options().getMaxQueuedPerNode();
    if (!shared.tryWait(most)) {
      loop.observer().limitReached("queue");
      exchange.fail(Refusals.queueFull(address, most));
      return;
    }
    exchange.waitFor(open.isEmpty() ? Phase.CONNECT : Phase.QUEUE);
    queue.add(exchange);
    loop.observer().queued(GrpcTransport.PROTOCOL);
    grow();
  }

  /**
   * Opens the first connection ahead of exchanges, unless other loops have all that there may be.
   */
  Future<Void> connect(Duration dialTimeout) {
    lastUsedNanos = loop.nanoTime();
    boolean dialling = dial != null;
    if (!open.isEmpty() || (!dialling && !shared.tryOpen(this, loop.limits().size()))) {
      return Future.succeededFuture();
    }
    Promise<Void> waiting = connecting == null ? Promise.promise() : connecting;
    connecting = waiting;
    if (!dialling) {
      dial(dialTimeout);
    }
    return waiting.future();
  }

  /** Tells those who connected ahead. */
  private void connectEnded(@Nullable RpcException failure) {
    Promise<Void> waiting = connecting;
    if (waiting != null) {
      connecting = null;
      if (failure == null) {
        waiting.complete();
      } else {
        waiting.fail(failure);
      }
    }
  }

  /** Takes an exchange that is over out of the queue. */
  void leaveQueue(PooledExchange exchange) {
    if (queue.remove(exchange)) {
      shared.waitedEnough();
      loop.observer().dequeued(GrpcTransport.PROTOCOL);
    }
  }

  /** A stream has ended: soon, when Vert.x knows it too, looks after those that wait. */
  void streamIsFree() {
    if (!queue.isEmpty() && !serving) {
      serving = true;
      loop.context().runOnContext(v -> serve());
    }
  }

  private @Nullable Connection pick(long now) {
    long ttlNanos = loop.ttlNanos();
    for (int i = 0; i < open.size(); i++) {
      Connection candidate = open.get(i);
      if (candidate.isAged(now, ttlNanos)) {
        retire(candidate);
        i--;
      } else if (candidate.hasRoom()) {
        return candidate;
      }
    }
    return null;
  }

  private void serve() {
    serving = false;
    while (!queue.isEmpty()) {
      Connection free = pick(loop.nanoTime());
      if (free == null) {
        grow();
        return;
      }
      PooledExchange exchange = poll();
      free.begin();
      EventLoops.dispatch(exchange.caller(), () -> exchange.send(free));
    }
  }

  private PooledExchange poll() {
    PooledExchange exchange = queue.first();
    if (exchange == null) {
      throw new IllegalStateException("nobody waits");
    }
    leaveQueue(exchange);
    return exchange;
  }

  // connections come

  /** Opens one more connection if somebody waits and all that there are have no room. */
  private void grow() {
    PooledExchange first = queue.first();
    if (first == null || dial != null || closed) {
      return;
    }
    for (Connection connection : open) {
      if (connection.isBarred()) {
        return;
      }
      if (connection.hasRoom()) {
        streamIsFree();
        return;
      }
    }
    if (shared.tryOpen(this, loop.limits().size())) {
      dial(first.options().dialTimeout());
    } else if (open.isEmpty()) {
      handOver();
    }
  }

  private void dial(Duration timeout) {
    try {
      Dialer through = dialer == null ? loop.newDialer(target) : dialer;
      dialer = through;
      Dial started = new Dial(this, through, timeout);
      dial = started;
      EventLoops.dispatch(loop.context(), started::start);
    } catch (RuntimeException badOptions) {
      dialFailed(badOptions, false);
    }
  }

  /** Passes everybody who waits to an event loop that has connections. */
  private void handOver() {
    ConnectionPool owner = shared.anyOwner();
    if (owner == null || owner == this) {
      // It has just given its place back: look again in the next tick.
      streamIsFree();
      return;
    }
    while (!queue.isEmpty()) {
      PooledExchange exchange = poll();
      EventLoops.dispatch(exchange.caller(), () -> exchange.handOver(owner));
    }
  }

  /** Called by {@link Dial}. */
  void dialled(Connection connection) {
    dial = null;
    open.add(connection);
    loop.observer().connectionOpened(GrpcTransport.PROTOCOL, address);
    connection.start();
    if (shared.tryShrink(this, loop.limits().size())) {
      retireCounted(connection);
    }
    connectEnded(null);
    serve();
  }

  /** Called by {@link Dial}. All who wait fail at once, unless other connections serve them. */
  void dialFailed(Throwable cause, boolean mute) {
    dial = null;
    shared.closed(this);
    if (mute) {
      dialer = null;
    }
    RpcException failure = Refusals.notConnected(address, cause);
    connectEnded(failure);
    if (open.isEmpty()) {
      failQueue(failure);
    }
  }

  private void failQueue(RpcException failure) {
    while (!queue.isEmpty()) {
      PooledExchange exchange = poll();
      EventLoops.dispatch(exchange.caller(), () -> exchange.fail(failure));
    }
  }

  // connections go

  /** Gives {@code connection} no more work. Does nothing if it gets none already. */
  void retire(Connection connection) {
    if (open.contains(connection)) {
      shared.closed(this);
      retireCounted(connection);
    }
  }

  /** As {@link #retire} when its place has been given back already. */
  private void retireCounted(Connection connection) {
    open.remove(connection);
    draining.add(connection);
    connection.drain();
    streamIsFree();
  }

  /** Called by {@link Connection} when it is gone. */
  void connectionClosed(Connection connection) {
    if (open.remove(connection)) {
      shared.closed(this);
    }
    draining.remove(connection);
    loop.observer().connectionClosed(GrpcTransport.PROTOCOL, address);
    streamIsFree();
    loop.checkEmpty(address);
  }

  /** Follows new bounds: surplus connections drain, those who wait may get new ones. */
  void applyLimits(PoolLimits limits) {
    while (!open.isEmpty() && shared.tryShrink(this, limits.size())) {
      Connection least = open.get(0);
      for (Connection connection : open) {
        least = connection.active() < least.active() ? connection : least;
      }
      retireCounted(least);
    }
    streamIsFree();
  }

  /** {@inheritDoc} Retires aged connections as well. */
  @Override
  public boolean sweep(long now) {
    for (Connection connection : List.copyOf(open)) {
      if (connection.isIdle()
          && (connection.isAged(now, loop.ttlNanos())
              || connection.isUnusedFor(loop.idleNanos(), now))) {
        retire(connection);
      }
    }
    return isEmpty() && now - lastUsedNanos >= loop.idleNanos();
  }

  @Override
  public boolean isEmpty() {
    return open.isEmpty() && draining.isEmpty() && queue.isEmpty() && dial == null;
  }

  @Override
  public void close() {
    closed = true;
    if (dial != null) {
      dial.abandon();
      dial = null;
      shared.closed(this);
    }
    connectEnded(Refusals.closed());
    failQueue(Refusals.closed());
    for (Connection connection : List.copyOf(open)) {
      retire(connection);
    }
    if (dialer != null) {
      dialer.retire();
      dialer = null;
    }
  }

  @Override
  public void abort() {
    for (Connection connection : List.copyOf(draining)) {
      connection.abort("the transport is closed");
    }
  }
}
