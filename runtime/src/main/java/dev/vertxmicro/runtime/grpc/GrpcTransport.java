// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.http2.Http2Connector;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeConnections;
import dev.vertxmicro.runtime.pooling.PerLoop;
import dev.vertxmicro.runtime.pooling.PerNode;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

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
  private final PerLoop<GrpcLoop> loops;
  private final PerNode<NodeConnections<ConnectionPool>> nodes =
      new PerNode<>(NodeConnections::new);
  private volatile PoolLimits limits;
  private volatile long ttlNanos;

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
    this.loops = new PerLoop<>(vertx, time, context -> new GrpcLoop(this, context));
    this.ttlNanos = Nanos.of(limits.ttl());
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
    return gzip.isWanted()
        ? gzip.send(node, request, options, (body, how) -> transmit(node, body, deadline, how))
        : transmit(node, request, deadline, options);
  }

  private Exchange transmit(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.send(caller, null, node, request, deadline, options)
        : loop.hop(caller, node, request, deadline, options);
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loops.of(caller);
    return loop.run(caller, () -> loop.connect(node, dialTimeout));
  }

  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    GrpcLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.open(caller, null, node, head, deadline, options)
        : loop.hopStream(caller, node, head, deadline, options);
  }

  @Override
  public void setPool(PoolLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    ttlNanos = Nanos.of(limits.ttl());
    loops.each(GrpcLoop::applyLimits);
  }

  @Override
  public Future<Void> close(Deadline grace) {
    return loops.close(grace);
  }

  // for the loops

  boolean isClosed() {
    return loops.isClosed();
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

  double jitter() {
    return random.getAsDouble();
  }

  PerNode<NodeConnections<ConnectionPool>> nodes() {
    return nodes;
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
        new Http2Connector(
            vertx.createNetClient(options.toNet()), to, options.toLimits(), NettyHead::isUnindexed);
    return new NettyDialer(
        connector, new NettyHead(tls, target.authority(tls), options.getUserAgent()));
  }

  @Override
  public String toString() {
    return "GrpcTransport[" + limits + ", " + options + "]";
  }
}
