// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Homes;
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
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the protocol of the cluster requester: text messages of a WebSocket, each one JSON object,
 * requests and replies tied together by {@code op_id}, events to their stream by {@code stream_id}.
 *
 * <p>What follows the last dot or slash of the endpoint is the {@code action}: {@code Cluster.run}
 * is {@code run}. The body of a request is a JSON object whose members go along at top level, so
 * that {@code op_id} and {@code action} are not free: INVALID_ARGUMENT, NOT_SENT. The body of a
 * reply is its message without the ids. One whose {@code err} is neither absent nor null nor empty
 * is a failure with that text, code 500, status UNKNOWN, YES.
 *
 * <p>The address of a node is {@code host:port}, {@code ws://host:port/path} or {@code wss://}. All
 * requests of a client to one node share one connection, whatever event loop they come from, and
 * are written in the order in which they came to it. They wait in a bounded queue, with the bytes
 * they had when they were sent, while there is no connection; if it cannot be made, all of them
 * fail, NOT_SENT. A lost connection is made again for the next request, and none is sent twice:
 * those that await a reply fail, UNKNOWN, and streams end. A call made on the event loop that has
 * the connection, that of the first caller of the node, stays there; others hop.
 *
 * <p>What the peer says and nobody can use is passed over and told to the observer ({@link
 * TransportObserver#messageIgnored}): what is no JSON object, binary, without an id, or with the id
 * of no request.
 *
 * <p>Streams: see {@link #open}. What the protocol cannot do, whoever speaks it:
 *
 * <ul>
 *   <li>Bodies are JSON objects. There is no metadata, there are no trailers.
 *   <li>The peer hears nothing of the deadline, and of the cancel of a call: a reply that comes
 *       later is passed over.
 *   <li>An error is a text, without a code.
 *   <li>A lost connection does not tell what became of the calls.
 *   <li>Streams have the one request that starts them, are not slowed down, and have no end that
 *       the peer tells.
 * </ul>
 *
 * <p>{@code poolSize} and {@code poolTtl} mean nothing here. Never retries, never logs what is
 * sent. Requests go past Vert.x' encoder, so that its own metrics of a connection do not count
 * their bytes. May be used from any thread; lives until {@link #close} or until its Vert.x is
 * closed.
 */
public final class WebSocketTransport implements Transport {

  /** The protocol of nodes that this transport speaks with. */
  public static final String PROTOCOL = "websocket";

  private static final List<String> CONTENT_TYPES = List.of("application/json");

  /** How far apart the ids of two clients begin, and how many beginnings there are. */
  private static final long IDS = 1L << 32;

  private static final int BEGINNINGS = 1 << 20;

  private final Vertx vertx;
  private final TimeSource time;
  private final TransportObserver observer;
  private final WebSocketOptions options;
  private final DoubleSupplier random;
  private final Supplier<Wire.Dialer> dialers;
  private final PerLoop<WebSocketLoop> loops;
  private final Homes<WebSocketLoop> homes;

  private WebSocketTransport(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      WebSocketOptions options,
      DoubleSupplier random,
      @Nullable Supplier<Wire.Dialer> dialers) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
    WebSocketOptions own = new WebSocketOptions(options);
    this.options = own;
    this.random = random;
    this.dialers = dialers != null ? dialers : () -> VertxWire.dialer(vertx, own);
    this.loops = new PerLoop<>(vertx, time, context -> new WebSocketLoop(this, context));
    this.homes = new Homes<>(loops);
  }

  /**
   * Returns a transport.
   *
   * @param vertx what it runs on
   * @param time its clock
   * @param observer sees its connections, requests and queues
   * @param options everything else; copied
   */
  public static WebSocketTransport create(
      Vertx vertx, TimeSource time, TransportObserver observer, WebSocketOptions options) {
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    return new WebSocketTransport(vertx, time, observer, options, random, null);
  }

  /** Returns one on other sockets, and with other chance, than those of this machine. */
  static WebSocketTransport of(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      WebSocketOptions options,
      DoubleSupplier random,
      Supplier<Wire.Dialer> dialers) {
    return new WebSocketTransport(vertx, time, observer, options, random, dialers);
  }

  @Override
  public String protocol() {
    return PROTOCOL;
  }

  @Override
  public List<String> contentTypes() {
    return CONTENT_TYPES;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    WebSocketLoop home = home(node, caller);
    return home.isHere(caller)
        ? home.send(caller, null, node, request, deadline, options)
        : home.hop(caller, node, request, deadline, options);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The action is {@code start_stream}, and any other UNIMPLEMENTED. The one request names an
   * {@code instance_id}; the first stream of an instance starts it at the peer, later ones share it
   * and get the events from then on, and when the last is given up the peer is told {@code
   * stop_stream}. The head comes when the peer has named the stream. Replies are events, without
   * their ids, in their order. Events that come before that are kept, see {@link
   * WebSocketOptions#setMaxHeldEvents}; those that nobody reads as well, see {@link
   * WebSocketOptions#setMaxBufferedEvents}, after which the stream fails. A stream has no other end
   * than that, a lost connection and the caller's cancel: whether an instance has finished is told
   * by its status.
   */
  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    WebSocketLoop home = home(node, caller);
    return home.isHere(caller)
        ? home.open(caller, null, node, head, deadline, options)
        : home.hopStream(caller, node, head, deadline, options);
  }

  private WebSocketLoop home(Node node, Context caller) {
    return homes.of(NodeUrl.keyOf(node), node, caller);
  }

  /** Requests of one context to one node are written in the order they were sent. */
  @Override
  public boolean isOrdered() {
    return true;
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    WebSocketLoop home = home(node, caller);
    return home.run(caller, () -> home.connect(node, dialTimeout));
  }

  /** Does nothing: there is one connection to a node, of any age. */
  @Override
  public void setPool(PoolLimits limits) {
    Objects.requireNonNull(limits, "limits");
  }

  @Override
  public Future<Void> close(Deadline grace) {
    return loops.close(grace);
  }

  // for the loops

  boolean isClosed() {
    return loops.isClosed();
  }

  WebSocketOptions options() {
    return options;
  }

  TransportObserver observer() {
    return observer;
  }

  TimeSource time() {
    return time;
  }

  /** Returns a number from 0 to below 1. */
  double jitter() {
    return random.getAsDouble();
  }

  /**
   * Returns the id before the first one to a node: a peer that mixes its callers up would seldom
   * mix these up. Below 2^53, so that a peer that reads it as a number keeps it.
   */
  long firstId() {
    return IDS * (1 + (long) (random.getAsDouble() * BEGINNINGS));
  }

  Homes<WebSocketLoop> homes() {
    return homes;
  }

  /** Returns what dials for one event loop; called as its context. */
  Wire.Dialer newDialer() {
    return dialers.get();
  }

  @Override
  public String toString() {
    return "WebSocketTransport[" + options + "]";
  }
}
