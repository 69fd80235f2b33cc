// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

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

/**
 * Calls REST services over HTTP/1.1: what a request asks for is said by its endpoint, {@code GET
 * /users/7}, or by a {@link RestRequest}.
 *
 * <p>A call is one request on a connection that carries nothing else meanwhile; connections live on
 * and are pooled per node and event loop. One on which a call was given up, timed out or got
 * anything but a whole answer is cut, so that a late answer reaches nobody. A call made on an event
 * loop stays there. A call from a worker or a virtual thread hops to an event loop and completes on
 * its own context.
 *
 * <p>Addresses of nodes are {@code host:port}, {@code [v6]:port}, {@code https://host}, {@code
 * http://host} and {@code unix:/path}: the last needs a JDK, or a native transport, that has unix
 * domain sockets, as those of Linux, macOS and Windows 10 do.
 *
 * <p>An answer with status 200 to 299 is the reply. All others are failures: their code is the
 * status, their detail what the body says ({@code message}, {@code detail}, {@code error} or {@code
 * title} of a JSON object, else its text), their cause an {@link HttpError} with headers and body.
 * The server has acted then (YES), but for 502 and 504 (UNKNOWN) and 421 and 425 (REFUSED).
 * Redirects are not followed. A connection that is lost before the head of the answer is UNKNOWN,
 * behind it YES; before a request without a body was written whole it is NOT_SENT.
 *
 * <p>What the protocol cannot do: it does not tell the server how much time remains, a cancel is a
 * connection that is cut, and services' own errors arrive as far as they are in status and body.
 * Compression is not asked for. Never retries. May be used from any thread; lives until {@link
 * #close} or until its Vert.x is closed.
 */
public final class RestTransport implements Transport {

  /** The protocol of nodes that this transport speaks with. */
  public static final String PROTOCOL = "rest";

  private static final List<String> CONTENT_TYPES =
      List.of(RestCodec.CONTENT_TYPE, "application/json", "application/octet-stream", "text/plain");

  private final Vertx vertx;
  private final RestOptions options;
  private final ExclusivePools<RestPool> pools;
  private final PerLoop<RestLoop> loops;

  private RestTransport(
      Vertx vertx, TimeSource time, ExclusivePools<RestPool> pools, RestOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.pools = pools;
    this.loops = new PerLoop<>(vertx, time, context -> new RestLoop(this, context));
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
  public static RestTransport create(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      PoolLimits limits,
      RestOptions options) {
    Objects.requireNonNull(vertx, "vertx");
    RestOptions own = new RestOptions(options);
    ExclusivePools.Bounds bounds =
        new ExclusivePools.Bounds(own.getMaxQueuedPerNode(), own.getIdleTimeout());
    return new RestTransport(
        vertx, time, new ExclusivePools<>(PROTOCOL, time, observer, bounds, limits), own);
  }

  @Override
  public String protocol() {
    return PROTOCOL;
  }

  /** {@inheritDoc} The first is that of a {@link RestBody}. */
  @Override
  public List<String> contentTypes() {
    return CONTENT_TYPES;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    RestLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.send(caller, null, node, request, deadline, options)
        : loop.hop(caller, node, request, deadline, options);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Requests are pieces of one body, which is sent in chunks, or whole if there is one request
   * that is known from the start. Replies are the JSON values of the answer, or pieces of its body,
   * see {@link RestRequest}; they may come while the body is still on its way. The answer's end
   * ends the stream, whether or not all of the body was sent. Each stream has a connection of its
   * own meanwhile.
   */
  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    RestLoop loop = loops.of(caller);
    return loop.isHere(caller)
        ? loop.open(caller, null, node, head, deadline, options)
        : loop.hopStream(caller, node, head, deadline, options);
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    RestLoop loop = loops.of(caller);
    return loop.run(caller, () -> loop.connect(node, dialTimeout));
  }

  @Override
  public void setPool(PoolLimits limits) {
    pools.setLimits(limits);
    loops.each(RestLoop::applyLimits);
  }

  @Override
  public Future<Void> close(Deadline grace) {
    return loops.close(grace);
  }

  // for the loops

  boolean isClosed() {
    return loops.isClosed();
  }

  RestOptions options() {
    return options;
  }

  ExclusivePools<RestPool> pools() {
    return pools;
  }

  double jitter() {
    return ThreadLocalRandom.current().nextDouble();
  }

  boolean hasUnixSockets() {
    return EventLoops.hasUnixSockets(vertx);
  }

  @Override
  public String toString() {
    return "RestTransport[" + pools.limits() + ", " + options + "]";
  }
}
