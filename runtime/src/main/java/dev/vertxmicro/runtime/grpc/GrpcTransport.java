// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.http2.Http2Connector;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeConnections;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Speaks gRPC with go-micro's conventions: paths, content types, headers and errors as go-micro's
 * gRPC client has them, so that its servers and any other gRPC server understand.
 *
 * <p>Calls and streams are HTTP/2 streams of the {@link GrpcOptions#setEngine engine} with own
 * framing; connections are pooled per node and event loop. A call made on an event loop stays
 * there. A call from a worker or a virtual thread hops to an event loop and completes on its own
 * context; one from a foreign thread completes on the event loop that Vert.x gives to that thread.
 *
 * <p>Never retries; compresses requests only if it is told to ({@link GrpcOptions#setGzipRequests};
 * go-micro servers do not inflate them); inflates gzip replies within the caller's bound. May be
 * used from any thread and by any number of verticles; it lives until {@link #close} or until its
 * Vert.x is closed.
 */
public final class GrpcTransport implements Transport {

  /** The protocol of nodes that this transport speaks with. */
  public static final String PROTOCOL = "grpc";

  private final Vertx vertx;
  private final TimeSource time;
  private final TransportObserver observer;
  private final GrpcOptions options;
  private final DoubleSupplier random;
  private final RequestGzip gzip;
  private final Map<EventLoop, GrpcLoop> loops = new ConcurrentHashMap<>();
  private final Map<String, Shared> nodes = new ConcurrentHashMap<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Promise<Void> closed = Promise.promise();
  private final long idleNanos;
  private volatile PoolLimits limits;
  private volatile long ttlNanos;

  /** What loops share about a node, and how many of them do. */
  private record Shared(NodeConnections<ConnectionPool> connections, int loops) {}

  private GrpcTransport(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      PoolLimits limits,
      GrpcOptions options,
      DoubleSupplier random) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
    this.limits = Objects.requireNonNull(limits, "limits");
    this.options = new GrpcOptions(options);
    this.random = random;
    this.gzip = new RequestGzip(this.options, time);
    this.ttlNanos = Nanos.of(limits.ttl());
    this.idleNanos = Nanos.of(this.options.getIdleTimeout());
  }

  /**
   * Returns a transport.
   *
   * @param vertx what it runs on
   * @param time its clock
   * @param observer sees its connections, streams and queues
   * @param limits the first bounds of its pools
   * @param options everything else; copied
   */
  public static GrpcTransport create(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      PoolLimits limits,
      GrpcOptions options) {
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    return new GrpcTransport(vertx, time, observer, limits, options, random);
  }

  @Override
  public String protocol() {
    return PROTOCOL;
  }

  @Override
  public List<String> contentTypes() {
    return ContentSubtype.KNOWN;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    return gzip.send(node, request, options, (body, how) -> transmit(node, body, deadline, how));
  }

  private Exchange transmit(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loop(caller);
    if (EventLoops.isHere(caller)) {
      return loop.send(caller, null, node, request, deadline, options);
    }
    HoppedExchange exchange = loop.hop(caller, node, request, deadline, options);
    exchange.start();
    return exchange;
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loop(caller);
    Promise<Void> connected = EventLoops.promise(caller);
    EventLoops.execute(loop.context(), () -> loop.connect(node, dialTimeout).onComplete(connected));
    return connected.future();
  }

  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loop(caller);
    if (EventLoops.isHere(caller)) {
      return loop.open(caller, null, node, head, deadline, options);
    }
    HoppedStream stream = loop.hopStream(caller, node, head, deadline, options);
    stream.start();
    return stream;
  }

  private GrpcLoop loop(Context caller) {
    EventLoop eventLoop = EventLoops.loopOf(caller);
    GrpcLoop known = loops.get(eventLoop);
    return known != null
        ? known
        : loops.computeIfAbsent(
            eventLoop, fresh -> new GrpcLoop(this, EventLoops.newContext(vertx, fresh)));
  }

  @Override
  public void setPool(PoolLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    ttlNanos = Nanos.of(limits.ttl());
    for (GrpcLoop loop : loops.values()) {
      EventLoops.execute(loop.context(), loop::applyLimits);
    }
  }

  @Override
  public Future<Void> close(Deadline grace) {
    if (closing.compareAndSet(false, true)) {
      closeLoops(grace);
    }
    return closed.future();
  }

  private void closeLoops(Deadline grace) {
    List<Future<Void>> all = new ArrayList<>();
    for (GrpcLoop loop : loops.values()) {
      Promise<Void> gone = Promise.promise();
      EventLoops.execute(loop.context(), () -> loop.close().onComplete(gone::handle));
      all.add(gone.future());
    }
    Context here = EventLoops.current(vertx);
    here.runOnContext(v -> endAt(grace, here, Future.join(all)));
  }

  private void endAt(Deadline grace, Context here, Future<?> gone) {
    Timer timer = null;
    if (grace.isExpired()) {
      abort();
    } else if (!grace.isNone()) {
      timer = time.timer(grace.remainingNanos(), this::abort);
    }
    Timer armed = timer;
    gone.onComplete(ended -> here.runOnContext(v -> completeClose(armed)));
  }

  private void completeClose(@Nullable Timer armed) {
    if (armed != null) {
      armed.cancel();
    }
    closed.complete();
  }

  private void abort() {
    for (GrpcLoop loop : loops.values()) {
      EventLoops.execute(loop.context(), loop::abort);
    }
  }

  // for the loops

  boolean isClosed() {
    return closing.get();
  }

  GrpcOptions options() {
    return options;
  }

  TransportObserver observer() {
    return observer;
  }

  TimeSource time() {
    return time;
  }

  PoolLimits limits() {
    return limits;
  }

  long ttlNanos() {
    return ttlNanos;
  }

  long idleNanos() {
    return idleNanos;
  }

  /** Often enough that nothing unused lives much longer than it may. */
  long sweepNanos() {
    return Math.max(1, idleNanos / 4);
  }

  double jitter() {
    return random.getAsDouble();
  }

  NodeConnections<ConnectionPool> attach(String address) {
    return Objects.requireNonNull(
            nodes.compute(
                address,
                (key, shared) ->
                    shared == null
                        ? new Shared(new NodeConnections<>(), 1)
                        : new Shared(shared.connections, shared.loops + 1)))
        .connections;
  }

  void detach(String address) {
    nodes.computeIfPresent(
        address,
        (key, shared) ->
            shared.loops == 1 ? null : new Shared(shared.connections, shared.loops - 1));
  }

  Dialer newDialer(NodeAddress target) {
    return switch (options.getEngine()) {
      case HTTP_CLIENT -> newVertxDialer(target);
      case NETTY -> newNettyDialer(target);
    };
  }

  private Dialer newVertxDialer(NodeAddress target) {
    HttpConnectOptions to =
        new HttpConnectOptions()
            .setServer(SocketAddress.inetSocketAddress(target.port(), target.host()))
            .setHost(target.host())
            .setPort(target.port());
    if (options.isTls(target)) {
      to.setSsl(true).setSslOptions(options.tls());
    }
    // The pool of the agent is never used, so that its cleaner need not run. Without a cleaner (0)
    // the agent, when closed, cancels the timer 0 of the Vert.x instance, whoever that belongs to.
    PoolOptions unused = new PoolOptions().setCleanerPeriod(Integer.MAX_VALUE);
    return new VertxDialer(
        vertx.httpClientBuilder().with(options.toHttp()).with(unused).build(), to);
  }

  private Dialer newNettyDialer(NodeAddress target) {
    boolean tls = options.isTls(target);
    ConnectOptions to =
        new ConnectOptions()
            .setRemoteAddress(SocketAddress.inetSocketAddress(target.port(), target.host()))
            .setHost(target.host())
            .setPort(target.port())
            .setSsl(tls);
    if (tls) {
      to.setSslOptions(options.tls());
    }
    Http2Connector connector =
        new Http2Connector(vertx.createNetClient(), to, options.toLimits(), NettyHead::isUnindexed);
    return new NettyDialer(
        connector, new NettyHead(tls, target.authority(tls), options.getUserAgent()));
  }

  @Override
  public String toString() {
    return "GrpcTransport[" + limits + ", " + options + "]";
  }
}
