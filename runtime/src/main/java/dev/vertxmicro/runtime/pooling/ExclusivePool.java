// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
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
 * The connections of one event loop to one node, each of which carries one exchange at a time, and
 * the exchanges that wait for them.
 *
 * <p>An exchange takes the connection that was used last of those that nobody uses. If there is
 * none it waits, first come first served, and as many connections are opened as exchanges wait,
 * while the node's total over all event loops permits. When it does not, exchanges go to a loop
 * that has idle connections, or, if this one has none at all, to one that has some. Belongs to its
 * event loop; {@link ExclusiveNode} is what loops share.
 *
 * <p>Nobody waits for ever: after each step every exchange that waits does so where a connection is
 * busy or is being opened, whose end serves it. Nobody waits in vain either: whoever gives a place
 * or a connection back tells a loop that needs one. Only the place of a dial that has failed is not
 * told, as loops would dial in turns a node that refuses them all.
 *
 * @param <C> a connection
 * @param <X> what uses one
 * @param <P> the pool itself
 */
public abstract class ExclusivePool<
        C extends PooledConnection,
        X extends PooledExchange<C, P>,
        P extends ExclusivePool<C, X, P>>
    implements NodeLoop.Way {

  private final ExclusiveLoop<P> loop;
  private final String address;
  private final ExclusiveNode<P> shared;
  private final Deque<C> idle = new ArrayDeque<>();
  private final Set<C> busy = new HashSet<>();
  private final Set<Dial> dials = new HashSet<>();
  private final Set<X> queue = new LinkedHashSet<>();

  private @Nullable Promise<Void> connecting;
  private int sockets;
  private int counted;
  private int streams;
  private boolean serving;
  private boolean retrying;
  private boolean closed;
  private long lastUsedNanos;

  /**
   * Makes a pool without connections.
   *
   * @param address the key of the node among the pools of the loop
   */
  protected ExclusivePool(ExclusiveLoop<P> loop, String address, ExclusiveNode<P> shared) {
    this.loop = loop;
    this.address = address;
    this.shared = shared;
    this.lastUsedNanos = loop.nanoTime();
  }

  /** Returns this. */
  protected abstract P self();

  /** Opens a socket to the node; called as the context of the loop. */
  protected abstract Future<NetSocket> openSocket(Duration timeout);

  /** Returns the connection on a socket that stands, which listens already. */
  protected abstract C newConnection(NetSocket socket);

  /** Returns the key of the node. */
  public final String address() {
    return address;
  }

  // for exchanges

  /** Sends {@code exchange} at once, or queues it, or fails it. */
  public final void acquire(X exchange) {
    lastUsedNanos = exchange.startedNanos();
    if (queue.isEmpty()) {
      C free = takeIdle(lastUsedNanos);
      if (free != null) {
        exchange.send(free);
        if (!idle.isEmpty()) {
          tellNeedy();
        }
        return;
      }
    }
    int most = loop.pools().maxQueued();
    if (!shared.places().tryWait(most)) {
      loop.observer().limitReached("queue");
      exchange.fail(Refusals.queueFull(address, most));
      return;
    }
    exchange.waitFor(busy.isEmpty() ? Phase.CONNECT : Phase.QUEUE);
    queue.add(exchange);
    loop.observer().queued(loop.pools().protocol());
    grow();
  }

  /** Takes an exchange that is over out of the queue. */
  public final void leaveQueue(X exchange) {
    if (queue.remove(exchange)) {
      shared.places().waitedEnough();
      shared.setNeedy(self(), isNeedy());
      loop.observer().dequeued(loop.pools().protocol());
    }
  }

  private X poll() {
    X first = queue.iterator().next();
    leaveQueue(first);
    return first;
  }

  /** An exchange has done with {@code connection}. */
  public final void release(C connection, boolean reusable) {
    busy.remove(connection);
    boolean keeps =
        reusable
            && !closed
            && !connection.isSurplus()
            && !connection.isAged(loop.nanoTime(), loop.pools().ttlNanos());
    if (keeps) {
      idle.push(connection);
      shared.setIdle(self(), true);
    } else {
      discard(connection);
      connection.close();
    }
    serve();
  }

  private @Nullable C takeIdle(long now) {
    C free = idle.poll();
    while (free != null && (!free.isOpen() || free.isAged(now, loop.pools().ttlNanos()))) {
      discard(free);
      free.close();
      free = idle.poll();
    }
    shared.setIdle(self(), !idle.isEmpty());
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
    try {
      while (!queue.isEmpty()) {
        C free = takeIdle(loop.nanoTime());
        if (free == null) {
          break;
        }
        poll().send(free);
      }
    } finally {
      serving = false; // An observer may throw, and those behind would wait for ever.
    }
    if (!queue.isEmpty()) {
      grow();
    } else if (!idle.isEmpty()) {
      tellNeedy();
    }
  }

  /** Tells whether more exchanges wait than connections are being opened for. */
  private boolean isNeedy() {
    return queue.size() > dials.size();
  }

  /** There is an idle connection here, or a place for a new one: others may need it. */
  private void tellNeedy() {
    P needy = shared.needyBeside(self());
    if (needy != null) {
      needy.growSoon();
    }
  }

  // connections come

  /** Opens connections for those that wait, or sends them where there are some. */
  private void grow() {
    if (closed) {
      return;
    }
    PoolLimits limits = loop.pools().limits();
    shared.setNeedy(self(), isNeedy());
    boolean dialling = true;
    while (dialling && isNeedy() && shared.places().tryOpen(self(), limits.size())) {
      counted++;
      dialling = dial(queue.iterator().next().options().dialTimeout());
    }
    shared.setNeedy(self(), isNeedy());
    if (isNeedy()) {
      lookBeside();
    }
  }

  /** Sends those who wait to a loop that has connections; all of them if this one has none. */
  private void lookBeside() {
    P other = shared.idleBeside(self());
    if (busy.isEmpty() && dials.isEmpty() && idle.isEmpty()) {
      handAllOver(other == null ? shared.places().anyOwner() : other);
    } else if (other != null) {
      poll().handOver(other);
    }
  }

  /** Grows; if others have come first here, what there is may serve a third loop. */
  final void growSoon() {
    loop.context()
        .runOnContext(
            v -> {
              grow();
              if (!isNeedy()) {
                tellNeedy();
              }
            });
  }

  /** Passes everybody who waits to an event loop that has connections. */
  private void handAllOver(@Nullable P owner) {
    if (owner != null && owner != self()) {
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
  public final Future<Void> connect(Duration dialTimeout) {
    lastUsedNanos = loop.nanoTime();
    if (!idle.isEmpty() || !busy.isEmpty()) {
      return Future.succeededFuture();
    }
    if (dials.isEmpty()) {
      if (!shared.places().tryOpen(self(), loop.pools().limits().size())) {
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

  /** Opens a connection; false if that has failed already, as it does once Vert.x closes. */
  private boolean dial(Duration timeout) {
    Dial[] self = new Dial[1];
    Dial dial =
        new Dial(
            loop,
            () -> openSocket(timeout),
            timeout,
            (socket, why) -> dialled(self[0], socket, why));
    self[0] = dial;
    dials.add(dial);
    dial.start();
    return dials.contains(dial);
  }

  private void dialled(Dial dial, @Nullable NetSocket socket, Throwable why) {
    dials.remove(dial);
    if (socket == null) {
      dialFailed(why);
      return;
    }
    socketOpened();
    C connection = newConnection(socket);
    idle.push(connection);
    shared.setIdle(self(), true);
    if (shared.places().tryShrink(self(), loop.pools().limits().size())) {
      counted--;
      connection.makeSurplus();
      idle.remove(connection);
      shared.setIdle(self(), !idle.isEmpty());
      connection.close();
    }
    connectEnded(null);
    serve();
  }

  /** All who wait fail at once, unless other connections serve them. */
  private void dialFailed(Throwable cause) {
    counted--;
    shared.places().closed(self());
    RpcException failure = Refusals.notConnected(address, cause);
    if (dials.isEmpty()) {
      connectEnded(failure);
    }
    if (dials.isEmpty() && idle.isEmpty() && busy.isEmpty()) {
      failQueue(failure);
    } else if (isNeedy()) {
      shared.setNeedy(self(), true);
      lookBeside();
    }
    loop.checkEmpty(address);
  }

  private void failQueue(RpcException failure) {
    while (!queue.isEmpty()) {
      poll().fail(failure);
    }
  }

  // connections go

  /** Gives the place of {@code connection} back, once. */
  private void discard(C connection) {
    if (!connection.isSurplus()) {
      connection.makeSurplus();
      counted--;
      shared.places().closed(self());
      tellNeedy();
    }
  }

  /** The peer has said something on an idle connection, which is about to be cut. */
  public final void unasked(C connection) {
    dropIdle(connection);
  }

  private void dropIdle(C connection) {
    if (idle.remove(connection)) {
      shared.setIdle(self(), !idle.isEmpty());
    }
    discard(connection);
  }

  /** Called by a connection when it is gone; what runs on it is told afterwards. */
  public final void connectionClosed(C connection) {
    dropIdle(connection);
    if (!queue.isEmpty()) {
      grow();
    }
    socketClosed();
  }

  /** Follows new bounds: surplus connections end, those who wait may get new ones. */
  final void applyLimits(PoolLimits limits) {
    while (counted > dials.size() && shared.places().tryShrink(self(), limits.size())) {
      counted--;
      C surplus = idle.pollLast();
      if (surplus != null) {
        surplus.makeSurplus();
        surplus.close();
      } else {
        firstOfBusy().makeSurplus();
      }
    }
    shared.setIdle(self(), !idle.isEmpty());
    serve();
  }

  /** Returns one that is to be closed after its exchange. */
  private C firstOfBusy() {
    for (C connection : busy) {
      if (!connection.isSurplus()) {
        return connection;
      }
    }
    throw new IllegalStateException("places of " + address + ": " + counted + " without owner");
  }

  /** {@inheritDoc} Closes aged ones as well. */
  @Override
  public final boolean sweep(long now) {
    for (Iterator<C> each = idle.iterator(); each.hasNext(); ) {
      C connection = each.next();
      if (connection.isAged(now, loop.pools().ttlNanos())
          || connection.isUnusedFor(loop.idleNanos(), now)) {
        each.remove();
        discard(connection);
        connection.close();
      }
    }
    shared.setIdle(self(), !idle.isEmpty());
    return isEmpty() && now - lastUsedNanos >= loop.idleNanos();
  }

  // streams, each on a connection of its own

  /** Gives a stream its place; false if there are {@code most} over all event loops. */
  protected final boolean takeStreamPlace(int most) {
    lastUsedNanos = loop.nanoTime();
    if (!shared.tryStream(most)) {
      return false;
    }
    streams++;
    return true;
  }

  /** Lends a connection that nobody uses, whose place others may take; null if there is none. */
  protected final @Nullable C lend() {
    C free = takeIdle(loop.nanoTime());
    if (free != null) {
      busy.remove(free);
      discard(free);
    }
    return free;
  }

  /** Takes a connection that has no place into the pool if there is one, or closes it. */
  public final void adopt(C connection, boolean reusable) {
    PoolLimits limits = loop.pools().limits();
    if (reusable
        && !closed
        && !connection.isAged(loop.nanoTime(), loop.pools().ttlNanos())
        && shared.places().tryOpen(self(), limits.size())) {
      counted++;
      connection.makeCounted();
      idle.push(connection);
      shared.setIdle(self(), true);
      serve();
    } else {
      connection.close();
    }
  }

  /** Gives the place of a stream back. */
  protected final void giveStreamPlaceBack() {
    streams--;
    lastUsedNanos = loop.nanoTime();
    shared.streamEnded();
    loop.checkEmpty(address);
  }

  /** A socket to the node stands, of this pool or of a stream. */
  public final void socketOpened() {
    sockets++;
    loop.observer().connectionOpened(loop.pools().protocol(), address);
  }

  /** A socket to the node is gone. */
  public final void socketClosed() {
    sockets--;
    loop.observer().connectionClosed(loop.pools().protocol(), address);
    loop.checkEmpty(address);
  }

  // the end

  @Override
  public final boolean isEmpty() {
    return sockets == 0 && streams == 0 && busy.isEmpty() && queue.isEmpty() && dials.isEmpty();
  }

  @Override
  public void close() {
    closed = true;
    for (Dial dial : List.copyOf(dials)) {
      dial.abandon();
      counted--;
      shared.places().closed(self());
    }
    dials.clear();
    connectEnded(Refusals.closed());
    failQueue(Refusals.closed());
    for (C connection : List.copyOf(idle)) {
      dropIdle(connection);
      connection.close();
    }
    shared.setNeedy(self(), false);
  }

  @Override
  public void abort() {
    List.copyOf(busy).forEach(PooledConnection::abort);
  }
}
