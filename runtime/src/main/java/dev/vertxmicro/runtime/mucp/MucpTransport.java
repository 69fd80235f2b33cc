// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.ExclusivePools;
import dev.vertxmicro.runtime.pooling.PerLoop;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/**
 * Speaks mucp, the protocol of go-micro's default client and server, over its HTTP transport.
 *
 * <p>A call is one POST on a connection that carries nothing else meanwhile; connections live on
 * and are pooled per node and event loop. One on which a call was given up, timed out or got
 * anything but a whole answer is cut, so that a late answer reaches nobody. A call made on an event
 * loop stays there. A call from a worker or a virtual thread hops to an event loop and completes on
 * its own context; one from a foreign thread completes on the event loop that Vert.x gives to that
 * thread.
 *
 * <p>What the protocol cannot do, whoever speaks it:
 *
 * <ul>
 *   <li>A server answers some failures not at all, a panic for example: give calls an attempt
 *       timeout. The time that remains is told to the server, which does not stop for it.
 *   <li>A lost connection does not tell whether the server has acted: such failures are UNKNOWN.
 *   <li>Errors have go-micro's code and no gRPC status: RESOURCE_EXHAUSTED and others come as
 *       INTERNAL, code 500. Replies of go-micro have no trailers.
 *   <li>Several values of one metadata name are sent as one, with commas between.
 *   <li>A reply's metadata lacks what equals a header of the first request on its connection: those
 *       are echoed by go-micro's servers.
 *   <li>Streams: see {@link #open}.
 * </ul>
 *
 * <p>Nodes whose metadata names no protocol, if the client counts them as mucp, are spoken to as
 * go-micro speaks to its first versions: {@code application/json} as JSON-RPC, {@code
 * application/protobuf} as protorpc.
 *
 * <p>Never retries, never follows redirects, never asks for compression. May be used from any
 * thread and by any number of verticles; it lives until {@link #close} or until its Vert.x is
 * closed.
 */
public final class MucpTransport implements Transport {

  /** The protocol of nodes that this transport speaks with. */
  public static final String PROTOCOL = "mucp";

  private final Vertx vertx;
  private final MucpOptions options;
  private final DoubleSupplier random;
  private final AtomicLong ids = new AtomicLong();
  private final ExclusivePools<ConnectionPool> pools;
  private final PerLoop<MucpLoop> loops;

  private MucpTransport(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      PoolLimits limits,
      MucpOptions options,
      DoubleSupplier random) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
    this.options = new MucpOptions(options);
    this.random = random;
    this.pools =
        new ExclusivePools<>(
            PROTOCOL,
            time,
            observer,
            new ExclusivePools.Bounds(
                this.options.getMaxQueuedPerNode(), this.options.getIdleTimeout()),
            limits);
    this.loops = new PerLoop<>(vertx, time, context -> new MucpLoop(this, context));
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
  public static MucpTransport create(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      PoolLimits limits,
      MucpOptions options) {
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    return new MucpTransport(vertx, time, observer, limits, options, random);
  }

  @Override
  public String protocol() {
    return PROTOCOL;
  }

  @Override
  public List<String> contentTypes() {
    return WireType.KNOWN;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    MucpLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.send(caller, null, node, request, deadline, options)
        : loop.hop(caller, node, request, deadline, options);
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    MucpLoop loop = loops.of(caller);
    return loop.run(caller, () -> loop.connect(node, dialTimeout));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Each stream has a connection of its own, beside the pool. What mucp has no words for:
   *
   * <ul>
   *   <li>There is no head: the first reply, or the end, brings it. Trailers are the metadata of
   *       the answer that ends the stream.
   *   <li>There is no half-close. After {@link StreamExchange#end} a go-micro handler that reads
   *       sees the end of the stream, and what it sends afterwards is lost; its silence ends the
   *       stream well, see {@link MucpOptions#setEndTimeout}. So a client cannot stream requests
   *       and get a reply to their end, unless a request says that it is the last.
   *   <li>Of two messages that a go-micro server sends without a pause, the first may carry bytes
   *       of the second: a fault of its own, in all versions.
   *   <li>Cancel cuts the connection.
   * </ul>
   */
  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    MucpLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.open(caller, null, node, head, deadline, options)
        : loop.hopStream(caller, node, head, deadline, options);
  }

  @Override
  public void setPool(PoolLimits limits) {
    pools.setLimits(limits);
    loops.each(MucpLoop::applyLimits);
  }

  @Override
  public Future<Void> close(Deadline grace) {
    return loops.close(grace);
  }

  // for the loops

  boolean isClosed() {
    return loops.isClosed();
  }

  MucpOptions options() {
    return options;
  }

  ExclusivePools<ConnectionPool> pools() {
    return pools;
  }

  double jitter() {
    return random.getAsDouble();
  }

  long nextId() {
    return ids.getAndIncrement();
  }

  @Override
  public String toString() {
    return "MucpTransport[" + pools.limits() + ", " + options + "]";
  }
}
