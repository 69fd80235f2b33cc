// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

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
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the transport holds on one event loop: a pool for each node, the routes to endpoints, and
 * the sweep that closes what nobody uses. Belongs to the event loop.
 *
 * <p>Its own context, not that of a caller, owns connections and timers: they outlive verticles and
 * remember nobody's locals.
 */
final class GrpcLoop implements PerLoop.Part {

  private static final int MOST_ROUTES = 1_000;

  private final GrpcTransport transport;
  private final Context context;
  private final Arrivals arrivals;
  private final Map<String, ConnectionPool> pools = new HashMap<>();
  private final Map<String, Map<String, GrpcRoute>> routes = new HashMap<>();
  private int routeCount;
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  GrpcLoop(GrpcTransport transport, Context context) {
    this.transport = transport;
    this.context = context;
    this.arrivals = new Arrivals(context);
  }

  /** Returns the context that owns what this loop holds. */
  @Override
  public Context context() {
    return context;
  }

  GrpcOptions options() {
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

  String userAgent() {
    return transport.options().getUserAgent();
  }

  double jitter() {
    return transport.jitter();
  }

  long nanoTime() {
    return transport.time().nanoTime();
  }

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> transport.time().timer(delayNanos, () -> EventLoops.execute(context, task)));
  }

  /** Starts one exchange. Runs as {@code caller}, on this loop. */
  UnaryExchange send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    UnaryExchange exchange = new UnaryExchange(this, caller, gate, request, deadline, options);
    start(exchange, node, request, options);
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
    StreamingExchange exchange = new StreamingExchange(this, caller, gate, head, deadline, options);
    start(exchange, node, head, options);
    return exchange;
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

  private void start(PooledExchange exchange, Node node, Message request, SendOptions options) {
    String subtype = ContentSubtype.of(request.contentType());
    if (subtype == null) {
      exchange.fail(Refusals.unsendable("unsupported Content-Type: " + request.contentType()));
      return;
    }
    RpcException refusal = refusal(request, options);
    if (refusal != null) {
      exchange.fail(refusal);
      return;
    }
    GrpcRoute route;
    ConnectionPool pool;
    try {
      route = route(request.target(), request.endpoint());
      pool = pool(node);
    } catch (IllegalArgumentException bad) {
      exchange.fail(Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    exchange.start(pool, route, subtype);
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

  private @Nullable RpcException refusal(Message request, SendOptions options) {
    if (transport.isClosed()) {
      return Refusals.closed();
    }
    int length = request.body().length();
    if (length > options.maxRequestBytes()) {
      observer().limitReached("requestBytes");
      return Refusals.requestTooLarge(length, options.maxRequestBytes());
    }
    if (!request.headers().isEmpty()) {
      try {
        GrpcHeaders.check(request.headers());
      } catch (IllegalArgumentException bad) {
        return Refusals.badMetadata(String.valueOf(bad.getMessage()));
      }
    }
    return null;
  }

  private GrpcRoute route(String service, String endpoint) {
    Map<String, GrpcRoute> ofService = routes.get(service);
    GrpcRoute known = ofService == null ? null : ofService.get(endpoint);
    if (known != null) {
      return known;
    }
    GrpcRoute route = GrpcRoute.to(service, endpoint);
    if (++routeCount > MOST_ROUTES) {
      routes.clear();
      routeCount = 1;
    }
    routes.computeIfAbsent(service, name -> new HashMap<>()).put(endpoint, route);
    return route;
  }

  private ConnectionPool pool(Node node) {
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

  /** Returns a new dialer; its client is made as our context, so that no verticle closes it. */
  Dialer newDialer(NodeAddress target) {
    return EventLoops.call(context, () -> transport.newDialer(target));
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

  // closing

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

  /** Called by a pool when a connection is gone. */
  void checkEmpty(ConnectionPool pool) {
    if (closing != null && pool.isEmpty() && pools.containsKey(pool.address())) {
      forget(pool);
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    if (closing != null && pools.isEmpty()) {
      if (sweep != null) {
        sweep.cancel();
        sweep = null;
      }
      closing.tryComplete();
    }
  }
}
