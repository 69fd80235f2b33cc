// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
 * <p>Requests are written in the order in which they came: while there is no connection, or its
 * socket takes no more, they wait in one queue. The first of them starts the one attempt to
 * connect; if it fails, all who wait fail, and the next request starts another, which waits for a
 * while if attempts have failed in a row, so that a peer that comes back is not met by a storm.
 * Nothing is sent twice.
 */
final class ClusterLink implements NodeLoop.Way {

  /** More doublings than that mean nothing. */
  private static final int MOST_DOUBLINGS = 30;

  private final WebSocketLoop loop;
  private final String address;
  private final NodeUrl target;
  private final Set<Waiting> queue = new LinkedHashSet<>();
  private final Set<ClusterConnection> draining = new HashSet<>();

  private @Nullable ClusterConnection connection;
  private @Nullable Attempt attempt;
  private @Nullable Promise<Void> connecting;
  private long lastId;
  private int sockets;
  private long queuedBytes;
  private boolean serving;
  private boolean closed;
  private long lastUsedNanos;

  // backoff
  private int failures;
  private long retryNanos;
  private @Nullable RpcException lastFailure;

  ClusterLink(WebSocketLoop loop, String address, NodeUrl target) {
    this.loop = loop;
    this.address = address;
    this.target = target;
    this.lastId = loop.firstId();
    this.lastUsedNanos = loop.nanoTime();
  }

  /** Returns the address of the node, as it names it. */
  String address() {
    return address;
  }

  /** Returns the next id; they count on from one connection to the next. */
  long nextId() {
    return ++lastId;
  }

  // ---- requests

  /** Sends {@code request} at once, or queues it, or fails it. */
  void acquire(Waiting request) {
    lastUsedNanos = loop.nanoTime();
    if (closed) {
      request.fail(Refusals.closed());
      return;
    }
    ClusterConnection open = connection;
    if (open != null && open.awaited() >= loop.options().getMaxOpenPerNode()) {
      loop.observer().limitReached("open");
      request.fail(Failures.tooManyOpen(address, loop.options().getMaxOpenPerNode()));
      return;
    }
    if (open != null && queue.isEmpty() && open.isOpen() && !open.isFull()) {
      request.send(open);
      return;
    }
    RpcException refusal = refusal(request);
    if (refusal != null) {
      request.fail(refusal);
      return;
    }
    request.waitFor(open == null ? Phase.CONNECT : Phase.QUEUE);
    queue.add(request);
    queuedBytes += request.bytes();
    loop.observer().queued(WebSocketTransport.PROTOCOL);
    dialFor(request.options().dialTimeout());
  }

  private @Nullable RpcException refusal(Waiting request) {
    int most = loop.options().getMaxQueuedPerNode();
    int mostBytes = loop.options().getMaxQueuedBytes();
    if (queue.size() >= most) {
      loop.observer().limitReached("queue");
      return Refusals.queueFull(address, most);
    }
    if (queuedBytes + request.bytes() > mostBytes) {
      loop.observer().limitReached("queue");
      return Failures.queueTooLarge(address, mostBytes);
    }
    return null;
  }

  /** Takes a request out of the queue, if it is there. */
  void leaveQueue(Waiting request) {
    if (queue.remove(request)) {
      queuedBytes -= request.bytes();
      loop.observer().dequeued(WebSocketTransport.PROTOCOL);
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
        ClusterConnection open = connection;
        if (open == null
            || !open.isOpen()
            || open.isFull()
            || open.awaited() >= loop.options().getMaxOpenPerNode()) {
          break;
        }
        Waiting first = queue.iterator().next();
        leaveQueue(first);
        first.send(open);
      }
    } finally {
      serving = false;
    }
  }

  /** The socket takes more again, or a request has its reply. */
  void ready() {
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
    if (connection != null || attempt != null) {
      return;
    }
    long pause = pauseNanos();
    RpcException last = lastFailure;
    if (pause >= Nanos.of(timeout) && last != null) {
      RpcException notNow = Failures.backingOff(address, 1 + pause / 1_000_000, last);
      tellConnected(notNow);
      failQueue(notNow);
      return;
    }
    Attempt started = new Attempt(timeout, pause);
    attempt = started;
    started.start();
  }

  /** One attempt to connect, bounded in time: a pause, TCP, TLS and the opening handshake. */
  private final class Attempt {
    private final Duration timeout;
    private final long pauseNanos;
    private @Nullable Timer timer;
    private @Nullable Timer pause;

    Attempt(Duration timeout, long pauseNanos) {
      this.timeout = timeout;
      this.pauseNanos = pauseNanos;
    }

    void start() {
      timer = loop.arm(Nanos.of(timeout), this::expired);
      if (pauseNanos > 0) {
        pause = loop.arm(pauseNanos, this::dial);
      } else {
        dial();
      }
    }

    private void dial() {
      pause = null;
      EventLoops.dispatch(loop.context(), () -> loop.dial(target).onComplete(this::connected));
    }

    private void expired() {
      if (attempt == this) {
        attemptFailed(
            Refusals.notConnected(
                address, new IOException("no connection within " + timeout.toMillis() + " ms")));
      }
    }

    private void connected(AsyncResult<Wire> result) {
      Wire wire = result.result();
      if (attempt != this) {
        if (wire != null) {
          wire.cut();
        }
      } else if (wire == null) {
        attemptFailed(Refusals.notConnected(address, result.cause()));
      } else {
        settle();
        opened(wire);
      }
    }

    void settle() {
      attempt = null;
      if (timer != null) {
        timer.cancel();
      }
      if (pause != null) {
        pause.cancel();
      }
    }
  }

  private void opened(Wire wire) {
    ClusterConnection fresh = new ClusterConnection(this, loop, wire);
    connection = fresh;
    sockets++;
    loop.observer().connectionOpened(WebSocketTransport.PROTOCOL, address);
    fresh.start();
    tellConnected(null);
    serve();
  }

  private void attemptFailed(RpcException failure) {
    if (attempt != null) {
      attempt.settle();
    }
    countFailure(failure);
    tellConnected(failure);
    failQueue(failure);
    loop.checkEmpty(address);
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
    for (Waiting waiting : List.copyOf(queue)) {
      leaveQueue(waiting);
      waiting.fail(failure);
    }
  }

  // ---- backoff

  /** The peer has said something: it is well. */
  void heard() {
    failures = 0;
  }

  private void countFailure(RpcException failure) {
    lastFailure = failure;
    failures = Math.min(failures + 1, MOST_DOUBLINGS);
    if (failures > 1) {
      long first = Nanos.of(loop.options().getBackoff());
      long most = Nanos.of(loop.options().getMaxBackoff());
      int doublings = failures - 2;
      long delay = first > most >> doublings ? most : first << doublings;
      retryNanos = loop.nanoTime() + (long) (delay * (1 + loop.jitter()) / 2);
    }
  }

  private long pauseNanos() {
    return failures > 1 ? Math.max(0, retryNanos - loop.nanoTime()) : 0;
  }

  // ---- connections go

  /** Called by {@link ClusterConnection} when it is gone; what it awaited is told afterwards. */
  void closed(ClusterConnection gone) {
    sockets--;
    draining.remove(gone);
    abandon(gone);
    loop.observer().connectionClosed(WebSocketTransport.PROTOCOL, address);
    loop.checkEmpty(address);
  }

  /** A connection takes nothing more; who waits for it waits for another. */
  void abandon(ClusterConnection left) {
    if (connection != left) {
      return;
    }
    connection = null;
    if (!left.hasHeard()) {
      countFailure(Failures.lost(address, "the peer has said nothing on it").failure(false));
    }
    if (!queue.isEmpty() && !closed) {
      dialFor(queue.iterator().next().options().dialTimeout());
    }
  }

  // ---- the end

  @Override
  public boolean sweep(long now) {
    boolean unused = now - lastUsedNanos >= loop.idleNanos();
    ClusterConnection open = connection;
    if (unused && open != null && open.isUnused() && queue.isEmpty()) {
      retire(open);
    }
    return unused && isEmpty();
  }

  private void retire(ClusterConnection open) {
    connection = null;
    draining.add(open);
    open.drain();
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
    ClusterConnection open = connection;
    if (open != null) {
      retire(open);
    }
  }

  @Override
  public void abort() {
    List.copyOf(draining).forEach(open -> open.cut(Failures::aborted));
  }
}
