// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.transport.PoolLimits;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one node, and the exchanges that wait for them.
 *
 * <p>An exchange takes the connection that was used last of those that nobody uses. If there is
 * none it waits, first come first served, and as many connections are opened as exchanges wait,
 * while the node's total over all event loops permits. When it does not, exchanges go to a loop
 * that has idle connections, or, if this one has none at all, to one that has some. Belongs to its
 * event loop; {@link NodeState} is what loops share.
 */
final class ConnectionPool {

  private final MucpLoop loop;
  private final Node node;
  private final String address;
  private final NodeAddress target;
  private final String host;
  private final NodeState shared;
  private final Deque<MucpConnection> idle = new ArrayDeque<>();
  private final Set<MucpConnection> busy = new HashSet<>();
  private final Set<Dial> dials = new HashSet<>();
  private final Set<StreamingExchange> streams = new HashSet<>();
  private final Set<UnaryExchange> queue = new LinkedHashSet<>();

  private @Nullable Promise<Void> connecting;
  private int sockets;
  private int counted;
  private boolean serving;
  private boolean retrying;
  private boolean closed;
  private long lastUsedNanos;

  ConnectionPool(MucpLoop loop, Node node, String address, NodeAddress target, NodeState shared) {
    this.loop = loop;
    this.node = node;
    this.address = address;
    this.target = target;
    this.host = hostHeader(target);
    this.shared = shared;
    this.lastUsedNanos = loop.nanoTime();
  }

  private static String hostHeader(NodeAddress target) {
    boolean v6 = target.host().indexOf(':') >= 0;
    return (v6 ? "[" + target.host() + "]" : target.host()) + ":" + target.port();
  }

  MucpLoop loop() {
    return loop;
  }

  /** Returns the node for which the pool was made; only its address and its wish for TLS matter. */
  Node node() {
    return node;
  }

  String address() {
    return address;
  }

  NodeAddress target() {
    return target;
  }

  /** Returns what stands in {@code Host}. */
  String host() {
    return host;
  }

  // for exchanges

  /** Sends {@code exchange} at once, or queues it, or fails it. */
  void acquire(UnaryExchange exchange) {
    lastUsedNanos = exchange.startedNanos();
    if (queue.isEmpty()) {
      MucpConnection free = takeIdle(lastUsedNanos);
      if (free != null) {
        exchange.send(free);
        return;
      }
    }
    int most = loop.options().getMaxQueuedPerNode();
    if (!shared.places().tryWait(most)) {
      loop.observer().limitReached("queue");
      exchange.fail(Refusals.queueFull(address, most));
      return;
    }
    exchange.waitFor(busy.isEmpty() ? Phase.CONNECT : Phase.QUEUE);
    queue.add(exchange);
    shared.setNeedy(this, true);
    loop.observer().queued(MucpTransport.PROTOCOL);
    grow();
  }

  /** Takes an exchange that is over out of the queue. */
  void leaveQueue(UnaryExchange exchange) {
    if (queue.remove(exchange)) {
      shared.places().waitedEnough();
      shared.setNeedy(this, !queue.isEmpty());
      loop.observer().dequeued(MucpTransport.PROTOCOL);
    }
  }

  private UnaryExchange poll() {
    UnaryExchange first = queue.iterator().next();
    leaveQueue(first);
    return first;
  }

  /** An exchange has done with {@code connection}. */
  void release(MucpConnection connection, boolean reusable) {
    busy.remove(connection);
    boolean keeps =
        reusable
            && !closed
            && !connection.isSurplus()
            && !connection.isAged(loop.nanoTime(), loop.ttlNanos());
    if (keeps) {
      idle.push(connection);
      shared.setIdle(this, true);
    } else {
      discard(connection);
      connection.close();
    }
    serve();
  }

  private @Nullable MucpConnection takeIdle(long now) {
    MucpConnection free = idle.poll();
    while (free != null && (!free.isOpen() || free.isAged(now, loop.ttlNanos()))) {
      discard(free);
      free.close();
      free = idle.poll();
    }
    shared.setIdle(this, !idle.isEmpty());
    if (free != null) {
      busy.add(free);
    }
    return free;
  }

  /** Gives idle connections to those that wait, here or on other event loops. */
  private void serve() {
    if (serving) {
      return;
    }
    serving = true;
    while (!queue.isEmpty()) {
      MucpConnection free = takeIdle(loop.nanoTime());
      if (free == null) {
        break;
      }
      poll().send(free);
    }
    serving = false;
    if (!queue.isEmpty()) {
      grow();
    } else if (!idle.isEmpty()) {
      ConnectionPool waiting = shared.needyBeside(this);
      if (waiting != null) {
        waiting.loop.context().runOnContext(v -> waiting.grow());
      }
    }
  }

  // connections come

  /** Opens connections for those that wait, or sends them where there are some. */
  private void grow() {
    if (closed) {
      return;
    }
    PoolLimits limits = loop.limits();
    while (queue.size() > dials.size() && shared.places().tryOpen(this, limits.size())) {
      counted++;
      dial(queue.iterator().next().options().dialTimeout());
    }
    if (queue.size() <= dials.size()) {
      return;
    }
    ConnectionPool other = shared.idleBeside(this);
    if (other != null) {
      poll().handOver(other);
    } else if (busy.isEmpty() && dials.isEmpty() && idle.isEmpty()) {
      handAllOver();
    }
  }

  /** Passes everybody who waits to an event loop that has connections. */
  private void handAllOver() {
    ConnectionPool owner = shared.places().anyOwner();
    if (owner != null && owner != this) {
      while (!queue.isEmpty()) {
        poll().handOver(owner);
      }
    } else if (!retrying) {
      // It has just given its place back: look again in the next tick.
      retrying = true;
      loop.context()
          .runOnContext(
              v -> {
                retrying = false;
                serve();
              });
    }
  }

  /**
   * Opens the first connection ahead of exchanges, unless other loops have all that there may be.
   */
  Future<Void> connect(Duration dialTimeout) {
    lastUsedNanos = loop.nanoTime();
    if (!idle.isEmpty() || !busy.isEmpty()) {
      return Future.succeededFuture();
    }
    if (dials.isEmpty()) {
      if (!shared.places().tryOpen(this, loop.limits().size())) {
        return Future.succeededFuture();
      }
      counted++;
      connecting = Promise.promise();
      Future<Void> waiting = connecting.future();
      dial(dialTimeout);
      return waiting;
    }
    Promise<Void> waiting = connecting == null ? Promise.promise() : connecting;
    connecting = waiting;
    return waiting.future();
  }

  /** Tells those who connected ahead. */
  private void connectEnded(@Nullable RpcException failure) {
    Promise<Void> waiting = connecting;
    connecting = null;
    if (waiting != null && failure == null) {
      waiting.complete();
    } else if (waiting != null) {
      waiting.fail(failure);
    }
  }

  private void dial(Duration timeout) {
    Dial[] self = new Dial[1];
    Dial dial = new Dial(loop, target, timeout, (socket, why) -> dialled(self[0], socket, why));
    self[0] = dial;
    dials.add(dial);
    dial.start();
  }

  private void dialled(Dial dial, @Nullable NetSocket socket, Throwable why) {
    dials.remove(dial);
    if (socket == null) {
      dialFailed(why);
      return;
    }
    MucpConnection connection = new MucpConnection(this, socket, loop.jitter());
    socketOpened();
    connection.start();
    idle.push(connection);
    shared.setIdle(this, true);
    if (shared.places().tryShrink(this, loop.limits().size())) {
      counted--;
      connection.makeSurplus();
      idle.remove(connection);
      connection.close();
    }
    connectEnded(null);
    serve();
  }

  /** All who wait fail at once, unless other connections serve them. */
  private void dialFailed(Throwable cause) {
    counted--;
    shared.places().closed(this);
    RpcException failure = Refusals.notConnected(address, cause);
    if (dials.isEmpty()) {
      connectEnded(failure);
    }
    if (dials.isEmpty() && idle.isEmpty() && busy.isEmpty()) {
      failQueue(failure);
    }
    loop.checkEmpty(this);
  }

  private void failQueue(RpcException failure) {
    while (!queue.isEmpty()) {
      poll().fail(failure);
    }
  }

  // connections go

  /** Gives the place of {@code connection} back, once. */
  private void discard(MucpConnection connection) {
    if (!connection.isSurplus()) {
      connection.makeSurplus();
      counted--;
      shared.places().closed(this);
    }
  }

  /** The peer has said something on an idle connection, which is about to be cut. */
  void unasked(MucpConnection connection) {
    dropIdle(connection);
  }

  private void dropIdle(MucpConnection connection) {
    if (idle.remove(connection)) {
      shared.setIdle(this, !idle.isEmpty());
    }
    discard(connection);
  }

  /** Called by {@link MucpConnection} when it is gone; what runs on it is told afterwards. */
  void connectionClosed(MucpConnection connection) {
    dropIdle(connection);
    if (!queue.isEmpty()) {
      grow();
    }
    socketClosed();
  }

  /** Follows new bounds: surplus connections end, those who wait may get new ones. */
  void applyLimits(PoolLimits limits) {
    while (counted > dials.size() && shared.places().tryShrink(this, limits.size())) {
      counted--;
      MucpConnection surplus = idle.pollLast();
      if (surplus != null) {
        surplus.makeSurplus();
        surplus.close();
      } else {
        firstOfBusy().makeSurplus();
      }
    }
    shared.setIdle(this, !idle.isEmpty());
    serve();
  }

  /** Returns one that is to be closed after its exchange. */
  private MucpConnection firstOfBusy() {
    for (MucpConnection connection : busy) {
      if (!connection.isSurplus()) {
        return connection;
      }
    }
    throw new IllegalStateException("places of " + address + ": " + counted + " without owner");
  }

  /** Closes idle connections that are aged or long unused. */
  void sweep(long now) {
    for (Iterator<MucpConnection> each = idle.iterator(); each.hasNext(); ) {
      MucpConnection connection = each.next();
      if (connection.isAged(now, loop.ttlNanos())
          || connection.isUnusedFor(loop.idleNanos(), now)) {
        each.remove();
        discard(connection);
        connection.close();
      }
    }
    shared.setIdle(this, !idle.isEmpty());
  }

  // streams

  /** Gives a stream its place; false if there are too many. */
  boolean addStream(StreamingExchange stream) {
    lastUsedNanos = loop.nanoTime();
    return shared.tryStream(loop.options().getMaxStreamsPerNode()) && streams.add(stream);
  }

  void removeStream(StreamingExchange stream) {
    if (streams.remove(stream)) {
      lastUsedNanos = loop.nanoTime();
      shared.streamEnded();
      loop.checkEmpty(this);
    }
  }

  /** A socket to the node stands, of this pool or of a stream. */
  void socketOpened() {
    sockets++;
    loop.observer().connectionOpened(MucpTransport.PROTOCOL, address);
  }

  void socketClosed() {
    sockets--;
    loop.observer().connectionClosed(MucpTransport.PROTOCOL, address);
    loop.checkEmpty(this);
  }

  // the end

  /** Tells whether there is nothing left to keep, and nobody came for a while. */
  boolean isForgettable(long now) {
    return isEmpty() && now - lastUsedNanos >= loop.idleNanos();
  }

  boolean isEmpty() {
    return sockets == 0
        && streams.isEmpty()
        && busy.isEmpty()
        && queue.isEmpty()
        && dials.isEmpty();
  }

  /** Fails who waits, and closes every connection when its exchange has ended. */
  void close() {
    closed = true;
    for (Dial dial : List.copyOf(dials)) {
      dial.abandon();
      counted--;
      shared.places().closed(this);
    }
    dials.clear();
    connectEnded(Refusals.closed());
    failQueue(Refusals.closed());
    for (MucpConnection connection : List.copyOf(idle)) {
      dropIdle(connection);
      connection.close();
    }
    List.copyOf(streams).forEach(StreamingExchange::closing);
    shared.setNeedy(this, false);
  }

  /** Ends what still runs. */
  void abort() {
    List.copyOf(busy).forEach(MucpConnection::abort);
    List.copyOf(streams).forEach(StreamingExchange::aborted);
  }
}
