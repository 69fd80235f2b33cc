// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way to one node: the one connection that all callers share, and the requests that wait for
 * it. Belongs to one event loop, to which callers elsewhere hop.
 *
 * <p>Requests are written in the order in which they came, calls and pushes alike, large and small:
 * while there is no connection, or its socket takes no more, they wait in one queue, with the bytes
 * that they had when they came. The first of them starts the one attempt to connect; if it fails,
 * all who wait fail, and the next request starts another. Nothing is sent twice.
 *
 * <p>Sessions count on from one connection to the next.
 */
final class SkynetLink implements NodeLoop.Way {

  private final SkynetLoop loop;
  private final String node;
  private final Sessions sessions = new Sessions(0);
  private final Set<SkynetExchange> queue = new LinkedHashSet<>();
  private final Set<SkynetConnection> draining = new HashSet<>();

  private String address;
  private @Nullable SkynetConnection connection;
  private @Nullable Attempt attempt;
  private @Nullable Promise<Void> connecting;
  private int sockets;
  private long queuedBytes;
  private boolean serving;
  private boolean closed;
  private long lastUsedNanos;

  SkynetLink(SkynetLoop loop, String node, String address) {
    this.loop = loop;
    this.node = node;
    this.address = address;
    this.lastUsedNanos = loop.nanoTime();
  }

  /** Returns the name of the node. */
  String node() {
    return node;
  }

  /** Returns where the node is, as far as is known here. */
  String address() {
    return address;
  }

  /** Returns what numbers the requests to the node. */
  Sessions sessions() {
    return sessions;
  }

  long nanoTime() {
    return loop.nanoTime();
  }

  // ---- requests

  /**
   * Sends {@code exchange} at once, or queues it, or fails it.
   *
   * @param now what the clock says
   */
  void acquire(SkynetExchange exchange, long now) {
    lastUsedNanos = now;
    SkynetConnection open = connection;
    if (open != null
        && !exchange.isPush()
        && open.awaited() >= loop.options().getMaxOpenPerNode()) {
      loop.observer().limitReached("open");
      exchange.fail(Failures.tooManyOpen(address, loop.options().getMaxOpenPerNode()));
      return;
    }
    if (open != null && queue.isEmpty() && !open.isFull() && open.isOpen()) {
      exchange.send(open, now);
      return;
    }
    RpcException full = full(exchange);
    if (full != null) {
      loop.observer().limitReached("queue");
      exchange.fail(full);
      return;
    }
    exchange.waitFor(open == null ? Phase.CONNECT : Phase.QUEUE);
    queue.add(exchange);
    queuedBytes += exchange.bytes();
    loop.observer().queued(SkynetTransport.PROTOCOL);
    dialFor(exchange.options().dialTimeout());
    serve();
  }

  private @Nullable RpcException full(SkynetExchange exchange) {
    int most = loop.options().getMaxQueuedPerNode();
    if (queue.size() >= most) {
      return Refusals.queueFull(address, most);
    }
    int mostBytes = loop.options().getMaxQueuedBytes();
    return queuedBytes + exchange.bytes() > mostBytes
        ? Failures.queueTooLarge(address, mostBytes)
        : null;
  }

  /** Takes an exchange out of the queue, if it is there. */
  void leaveQueue(SkynetExchange exchange) {
    if (queue.remove(exchange)) {
      queuedBytes -= exchange.bytes();
      loop.observer().dequeued(SkynetTransport.PROTOCOL);
    }
  }

  /** Sends those who wait, in their order, as far as the socket takes them. */
  private void serve() {
    if (serving) {
      return;
    }
    serving = true;
    try {
      while (!queue.isEmpty()) {
        SkynetConnection open = connection;
        if (open == null
            || open.isFull()
            || !open.isOpen()
            || open.awaited() >= loop.options().getMaxOpenPerNode()) {
          break;
        }
        SkynetExchange first = queue.iterator().next();
        sendFirst(first, open);
      }
    } finally {
      serving = false;
    }
  }

  /** What an observer throws ends this request, and keeps none of the others. */
  private void sendFirst(SkynetExchange first, SkynetConnection open) {
    try {
      leaveQueue(first);
      first.send(open, loop.nanoTime());
    } catch (RuntimeException thrown) {
      first.broken(thrown);
    }
  }

  /** The socket takes more again. */
  void drained() {
    serve();
  }

  /** A call has ended. */
  void ended() {
    if (!queue.isEmpty()) {
      serve();
    }
  }

  // ---- connections come

  /** Connects ahead of requests. */
  Future<Void> connect(Duration dialTimeout) {
    lastUsedNanos = loop.nanoTime();
    if (connection != null) {
      return Future.succeededFuture();
    }
    Promise<Void> waiting = connecting == null ? Promise.promise() : connecting;
    connecting = waiting;
    Future<Void> connected = waiting.future();
    dialFor(dialTimeout);
    return connected;
  }

  private void dialFor(Duration timeout) {
    if (connection == null && attempt == null) {
      Attempt started = new Attempt(address, timeout);
      attempt = started;
      started.start();
    }
  }

  /** One attempt to connect, bounded in time. */
  private final class Attempt {
    private final String to;
    private final Duration timeout;
    private @Nullable Timer timer;

    Attempt(String to, Duration timeout) {
      this.to = to;
      this.timeout = timeout;
    }

    void start() {
      NodeAddress target;
      try {
        target = SkynetLoop.target(to);
      } catch (IllegalArgumentException bad) {
        attemptFailed(Refusals.unsendable(String.valueOf(bad.getMessage())));
        return;
      }
      timer = loop.arm(Nanos.of(timeout), this::expired);
      EventLoops.dispatch(
          loop.context(), () -> loop.connect(target, timeout).onComplete(this::connected));
    }

    private void expired() {
      if (attempt == this) {
        attemptFailed(
            Refusals.notConnected(
                to, new IOException("no connection within " + timeout.toMillis() + " ms")));
      }
    }

    private void connected(AsyncResult<NetSocket> result) {
      NetSocket socket = result.result();
      if (attempt != this) {
        if (socket != null) {
          EventLoops.reset(socket);
        }
      } else if (socket == null) {
        attemptFailed(Refusals.notConnected(to, result.cause()));
      } else {
        settle();
        opened(new SkynetConnection(SkynetLink.this, to, socket, newBatch()));
      }
    }

    void settle() {
      attempt = null;
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  private RequestBatch newBatch() {
    return new RequestBatch(
        loop.context(), loop::nanoTime, loop.options().getMaxUnwrittenBytes(), this::drained);
  }

  private void opened(SkynetConnection fresh) {
    connection = fresh;
    sockets++;
    loop.observer().connectionOpened(SkynetTransport.PROTOCOL, fresh.address());
    fresh.start();
    tellConnected(null);
    serve();
  }

  private void attemptFailed(RpcException failure) {
    if (attempt != null) {
      attempt.settle();
    }
    tellConnected(failure);
    failQueue(failure);
    loop.checkEmpty(node);
  }

  /** Tells those who connected ahead. */
  private void tellConnected(@Nullable RpcException failure) {
    Promise<Void> waiting = connecting;
    connecting = null;
    if (waiting != null && failure == null) {
      waiting.complete();
    } else if (waiting != null) {
      waiting.fail(failure);
    }
  }

  /** Fails those who wait now; who comes because of that begins anew. */
  private void failQueue(RpcException failure) {
    for (SkynetExchange waiting : List.copyOf(queue)) {
      leaveQueue(waiting);
      waiting.fail(failure);
    }
  }

  // ---- connections go

  /** Called by {@link SkynetConnection} when it is gone; what it awaited is told afterwards. */
  void closed(SkynetConnection gone) {
    sockets--;
    draining.remove(gone);
    abandon(gone);
    loop.observer().connectionClosed(SkynetTransport.PROTOCOL, gone.address());
    loop.checkEmpty(node);
  }

  /** A connection takes nothing more; who waits for it waits for another. */
  void abandon(SkynetConnection left) {
    if (connection == left) {
      connection = null;
      redial();
    }
  }

  private void redial() {
    if (!queue.isEmpty() && !closed) {
      dialFor(queue.iterator().next().options().dialTimeout());
    }
  }

  /** The node listens elsewhere now, perhaps; who waits goes there. */
  void moveTo(String current) {
    if (current.equals(address)) {
      return;
    }
    address = current;
    leave("has moved to " + current);
    Attempt stale = attempt;
    if (stale != null) {
      stale.settle();
    }
    if (queue.isEmpty()) {
      tellConnected(Failures.moved(node, "has moved", Processed.NOT_SENT));
    } else {
      redial();
    }
  }

  /** The node is no longer in the cluster. */
  void remove() {
    leave("was removed");
    if (attempt != null) {
      attempt.settle();
    }
    RpcException gone = Failures.moved(node, "was removed", Processed.NOT_SENT);
    tellConnected(gone);
    failQueue(gone);
  }

  private void leave(String what) {
    SkynetConnection left = connection;
    if (left == null) {
      return;
    }
    if (loop.options().getOnAddressChange() == AddressChange.DRAIN) {
      retire(left);
    } else {
      connection = null;
      left.cut(exchange -> exchange.moved(node, what));
    }
  }

  // ---- the end

  @Override
  public boolean sweep(long now) {
    if (now - lastUsedNanos < loop.idleNanos()) {
      return false;
    }
    // One that was closed and is still there has a peer that does not read the last pushes.
    for (SkynetConnection left : List.copyOf(draining)) {
      if (left.awaited() == 0) {
        left.cut(SkynetExchange::aborted);
      }
    }
    SkynetConnection open = connection;
    if (open != null && open.awaited() == 0 && queue.isEmpty()) {
      retire(open);
    }
    return isEmpty();
  }

  /** Closes a connection after its last reply. */
  private void retire(SkynetConnection left) {
    connection = null;
    draining.add(left);
    left.drain();
  }

  @Override
  public boolean isEmpty() {
    return sockets == 0 && attempt == null && queue.isEmpty();
  }

  @Override
  public void close() {
    closed = true;
    if (attempt != null) {
      attempt.settle();
    }
    tellConnected(Refusals.closed());
    failQueue(Refusals.closed());
    SkynetConnection open = connection;
    if (open != null) {
      retire(open);
    }
  }

  @Override
  public void abort() {
    List.copyOf(draining).forEach(open -> open.cut(SkynetExchange::aborted));
  }
}
