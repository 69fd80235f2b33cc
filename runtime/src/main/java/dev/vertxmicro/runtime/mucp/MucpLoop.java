// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.Arrivals;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.PerLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the transport holds on one event loop: a pool for each node, and the sweep that closes what
 * nobody uses. Belongs to the event loop.
 *
 * <p>Its own context, not that of a caller, owns connections and timers: they outlive verticles and
 * remember nobody's locals.
 */
final class MucpLoop implements PerLoop.Part {

  private static final Buffer NOTHING = Buffer.buffer(0);

  private final MucpTransport transport;
  private final Context context;
  private final Arrivals arrivals;
  private final Map<String, ConnectionPool> pools = new HashMap<>();
  private @Nullable NetClient dialer;
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  MucpLoop(MucpTransport transport, Context context) {
    this.transport = transport;
    this.context = context;
    this.arrivals = new Arrivals(context);
  }

  /** Returns the context that owns what this loop holds. */
  @Override
  public Context context() {
    return context;
  }

  MucpOptions options() {
    return transport.options();
  }

  TransportObserver observer() {
    return transport.observer();
  }

  PoolLimits limits() {
    return transport.limits();
  }

  long ttlNanos() {
    return transport.ttlNanos();
  }

  long idleNanos() {
    return transport.idleNanos();
  }

  double jitter() {
    return transport.jitter();
  }

  long nanoTime() {
    return transport.time().nanoTime();
  }

  /** Returns the next {@code Micro-Id} of the transport. */
  long nextId() {
    return transport.nextId();
  }

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> transport.time().timer(delayNanos, () -> EventLoops.execute(context, task)));
  }

  /** Opens a socket. Runs as the context of the loop. */
  Future<NetSocket> connect(NodeAddress target, Duration timeout) {
    NetClient client = dialer;
    if (client == null) {
      client = transport.newDialer();
      dialer = client;
    }
    ConnectOptions to =
        new ConnectOptions()
            .setRemoteAddress(SocketAddress.inetSocketAddress(target.port(), target.host()))
            .setHost(target.host())
            .setPort(target.port())
            .setTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(1, Nanos.millis(timeout))));
    if (options().isTls(target)) {
      to.setSsl(true).setSslOptions(options().tls());
    }
    try {
      return client.connect(to);
    } catch (RuntimeException badOptions) {
      return Future.failedFuture(badOptions);
    }
  }

  // ---- calls and streams

  /** Starts one exchange. Runs as {@code caller}, on this loop. */
  UnaryExchange send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    WireType type = wireType(node, request);
    UnaryExchange exchange =
        new UnaryExchange(this, caller, gate, request, type, deadline, options);
    start(node, request, type, options, exchange::start, exchange::fail);
    return exchange;
  }

  /** Opens one stream. Runs as {@code caller}, on this loop. */
  StreamingExchange open(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message head,
      Deadline deadline,
      SendOptions options) {
    WireType type = wireType(node, head);
    Message bare = head.body().length() == 0 ? head : head.toBuilder().body(NOTHING).build();
    StreamingExchange stream =
        new StreamingExchange(this, caller, gate, bare, type, deadline, options);
    start(node, bare, type, options, stream::start, stream::fail);
    return stream;
  }

  /** A node that names no protocol is one of go-micro's first versions. */
  private static WireType wireType(Node node, Message request) {
    return WireType.of(request.contentType(), node.protocol() == null);
  }

  private void start(
      Node node,
      Message request,
      WireType type,
      SendOptions options,
      Consumer<ConnectionPool> starter,
      Consumer<RpcException> refuser) {
    RpcException refusal = refusal(request, type, options.maxRequestBytes());
    if (refusal != null) {
      refuser.accept(refusal);
      return;
    }
    ConnectionPool pool;
    try {
      pool = pool(node);
    } catch (IllegalArgumentException bad) {
      refuser.accept(Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    starter.accept(pool);
  }

  /** Returns an exchange for a caller elsewhere, that is to be started. */
  HoppedExchange hop(
      Context caller, Node node, Message request, Deadline deadline, SendOptions options) {
    return new HoppedExchange(
        arrivals,
        caller,
        this::nanoTime,
        gate -> send(context, gate, node, request, deadline, options));
  }

  /** Returns a stream for a caller elsewhere, that is to be started. */
  HoppedStream hopStream(
      Context caller, Node node, Message head, Deadline deadline, SendOptions options) {
    return new HoppedStream(
        context,
        caller,
        this::nanoTime,
        observer(),
        options,
        gate -> open(context, gate, node, head, deadline, options));
  }

  /** Returns why a request cannot be sent, or null if it can. */
  private @Nullable RpcException refusal(Message request, WireType type, int mostBytes) {
    if (transport.isClosed()) {
      return Refusals.closed();
    }
    if (type.equals(WireType.UNKNOWN)) {
      return Refusals.unsendable("unsupported Content-Type: " + request.contentType());
    }
    int length = request.body().length();
    if (length > mostBytes) {
      observer().limitReached("requestBytes");
      return Refusals.requestTooLarge(length, mostBytes);
    }
    try {
      MucpHeaders.check(request);
      return null;
    } catch (IllegalArgumentException bad) {
      return Refusals.badMetadata(String.valueOf(bad.getMessage()));
    }
  }

  /** Connects to {@code node} unless this loop already has. Runs as the context of the loop. */
  Future<Void> connect(Node node, Duration dialTimeout) {
    if (transport.isClosed()) {
      return Future.failedFuture(Refusals.closed());
    }
    try {
      return pool(node).connect(dialTimeout);
    } catch (IllegalArgumentException bad) {
      return Future.failedFuture(Refusals.unsendable(String.valueOf(bad.getMessage())));
    }
  }

  /**
   * Returns the pool of a node.
   *
   * @throws IllegalArgumentException if the address of the node is none
   */
  ConnectionPool pool(Node node) {
    String key = NodeAddress.keyOf(node);
    ConnectionPool known = pools.get(key);
    if (known != null) {
      return known;
    }
    NodeAddress target = NodeAddress.parse(key);
    ConnectionPool pool =
        new ConnectionPool(this, node, key, target, transport.nodes().attach(key));
    pools.put(key, pool);
    if (sweep == null) {
      sweep = arm(transport.sweepNanos(), this::sweep);
    }
    return pool;
  }

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    for (ConnectionPool pool : List.copyOf(pools.values())) {
      pool.sweep(now);
      if (pool.isForgettable(now)) {
        forget(pool);
      }
    }
    if (!pools.isEmpty()) {
      sweep = arm(transport.sweepNanos(), this::sweep);
    }
  }

  private void forget(ConnectionPool pool) {
    pool.close();
    pools.remove(pool.address());
    transport.nodes().detach(pool.address());
  }

  void applyLimits() {
    pools.values().forEach(pool -> pool.applyLimits(limits()));
  }

  // ---- closing

  /** Completes when all connections of this loop are gone. */
  @Override
  public Future<Void> close() {
    if (closing != null) {
      return closing.future();
    }
    Promise<Void> done = Promise.promise();
    closing = done;
    for (ConnectionPool pool : List.copyOf(pools.values())) {
      pool.close();
      checkEmpty(pool);
    }
    completeIfEmpty();
    return done.future();
  }

  /** Ends what still runs. */
  @Override
  public void abort() {
    List.copyOf(pools.values()).forEach(ConnectionPool::abort);
  }

  /** Called by a pool when something of it is gone. */
  void checkEmpty(ConnectionPool pool) {
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
