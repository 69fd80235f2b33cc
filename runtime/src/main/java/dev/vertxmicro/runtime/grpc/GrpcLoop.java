// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the transport holds on one event loop: a pool for each node, and the routes to endpoints.
 * Belongs to the event loop.
 */
final class GrpcLoop extends NodeLoop<ConnectionPool> {

  private static final int MOST_ROUTES = 1_000;

  private final GrpcTransport transport;
  private final Map<String, Map<String, GrpcRoute>> routes = new HashMap<>();
  private int routeCount;

  GrpcLoop(GrpcTransport transport, Context context) {
    super(context, transport.time(), transport.observer(), transport.options().getIdleTimeout());
    this.transport = transport;
  }

  GrpcOptions options() {
    return transport.options();
  }

  PoolLimits limits() {
    return transport.limits();
  }

  long ttlNanos() {
    return transport.ttlNanos();
  }

  String userAgent() {
    return transport.options().getUserAgent();
  }

  double jitter() {
    return transport.jitter();
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

  /** Returns an exchange for a caller elsewhere. */
  HoppedExchange hop(
      Context caller, Node node, Message request, Deadline deadline, SendOptions options) {
    return hop(caller, gate -> send(context(), gate, node, request, deadline, options));
  }

  /** Returns a stream for a caller elsewhere. */
  HoppedStream hopStream(
      Context caller, Node node, Message head, Deadline deadline, SendOptions options) {
    return hopStream(caller, options, gate -> open(context(), gate, node, head, deadline, options));
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
    ConnectionPool known = way(key);
    if (known != null) {
      return known;
    }
    NodeAddress target = NodeAddress.parse(key);
    return hold(key, new ConnectionPool(this, node, key, target, transport.nodes().attach(key)));
  }

  /** Returns a new dialer; its client is made as our context, so that no verticle closes it. */
  Dialer newDialer(NodeAddress target) {
    return EventLoops.call(context(), () -> transport.newDialer(target));
  }

  void applyLimits() {
    ways().forEach(pool -> pool.applyLimits(limits()));
  }

  @Override
  protected void forgotten(String key) {
    transport.nodes().detach(key);
  }

  /** Each pool has closed its own. */
  @Override
  protected Future<Void> closeDialer() {
    return Future.succeededFuture();
  }
}
