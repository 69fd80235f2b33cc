// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Homes;
import dev.vertxmicro.runtime.pooling.PerLoop;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
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
import org.jspecify.annotations.Nullable;

/**
 * Speaks skynet's cluster protocol: {@code call} is {@code cluster.call}, {@code send} is {@code
 * cluster.send}.
 *
 * <p>The service of a request is the name of the node, its endpoint the address of a service there,
 * its body the arguments. An address is {@code @name} (what {@code cluster.register} was given),
 * {@code .name} (local to the node), {@code :0000000a} or {@code 10} (a handle); 0 asks for the
 * handle of a name, see {@link SkynetRequests#query}. What follows a slash is the first argument,
 * as most services of skynet take a command: {@code "@sdb/GET"} with the body {@code "key"} is
 * {@code cluster.call(node, "@sdb", "GET", "key")}. Any other name is one of skynet's global names,
 * and a node that does not know it never answers.
 *
 * <p>All requests of a client to one node share one connection, whatever event loop they come from,
 * and are written in the order in which they came to it, pushes and calls, large and small. They
 * wait in a bounded queue, with the bytes they had when they were sent, while there is no
 * connection; if it cannot be made, all of them fail, NOT_SENT, and dropped pushes are told to the
 * observer as well. A call made on the event loop that has the connection, that of the first caller
 * of the node, stays there; others hop. Replies come in any order.
 *
 * <p>What the protocol cannot do, whoever speaks it:
 *
 * <ul>
 *   <li>It has no metadata, no trailers, no time that remains, no streams, no cancel, no TLS and no
 *       password. Metadata is not sent, but for a tag, see {@link SkynetOptions#setTraceHeader}.
 *   <li>Many failures have no reply at all: a call ends with its deadline then, and a reply that
 *       comes later is passed over.
 *   <li>What a service raised is not told, only that it did: status UNKNOWN, code 500, YES. Of a
 *       name or handle that the node does not have it is NOT_FOUND, code 404, YES.
 *   <li>A lost connection does not tell what became of the calls: they are UNKNOWN. Those that were
 *       not written whole are NOT_SENT.
 *   <li>A push that was written may yet be lost; nobody is told.
 * </ul>
 *
 * <p>{@code poolSize} and {@code poolTtl} mean nothing here: the connection lives as long as both
 * sides do, or until nobody has used it for {@link SkynetOptions#setIdleTimeout}. Never retries.
 * Requests go past Vert.x, so that its own metrics of a socket do not count their bytes. May be
 * used from any thread; lives until {@link #close} or until its Vert.x is closed.
 */
public final class SkynetTransport implements Transport {

  /** The protocol of nodes that this transport speaks with. */
  public static final String PROTOCOL = "skynet";

  private static final List<String> CONTENT_TYPES =
      List.of(LuaSeriCodec.CONTENT_TYPE, "application/octet-stream");

  private final Vertx vertx;
  private final TimeSource time;
  private final TransportObserver observer;
  private final SkynetOptions options;
  private final @Nullable SkynetNodes nodes;
  private final PerLoop<SkynetLoop> loops;
  private final Homes<SkynetLoop> homes;
  private final SkynetNodes.Listener follower = this::changed;

  private SkynetTransport(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      SkynetOptions options,
      @Nullable SkynetNodes nodes) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
    this.options = new SkynetOptions(options);
    this.nodes = nodes;
    this.loops = new PerLoop<>(vertx, time, context -> new SkynetLoop(this, context));
    this.homes = new Homes<>(loops);
  }

  /**
   * Returns a transport.
   *
   * @param vertx what it runs on
   * @param time its clock
   * @param observer sees its connections, requests and queues
   * @param options everything else; copied
   * @param nodes whose changes take effect at once, on calls under way as well; null: the address
   *     of a node changes with the next call to it
   */
  public static SkynetTransport create(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      SkynetOptions options,
      @Nullable SkynetNodes nodes) {
    SkynetTransport transport = new SkynetTransport(vertx, time, observer, options, nodes);
    if (nodes != null) {
      nodes.follow(transport.follower);
    }
    return transport;
  }

  @Override
  public String protocol() {
    return PROTOCOL;
  }

  /**
   * {@inheritDoc} Bodies of bytes are arguments that are packed already, and replies of bytes what
   * the service returned as it came.
   */
  @Override
  public List<String> contentTypes() {
    return CONTENT_TYPES;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    return send(node, request, false, deadline, options);
  }

  /** {@inheritDoc} It has left when the operating system has it. */
  @Override
  public Exchange sendOneWay(Node node, Message request, Deadline deadline, SendOptions options) {
    return send(node, request, true, deadline, options);
  }

  private Exchange send(
      Node node, Message request, boolean push, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    SkynetLoop home = homes.of(node.id(), node, caller);
    return home.isHere(caller)
        ? home.send(caller, null, node, request, push, deadline, options)
        : home.hop(caller, node, request, push, deadline, options);
  }

  /** Pushes and calls of one context to one node are written in the order they were sent. */
  @Override
  public boolean isOrdered() {
    return true;
  }

  @Override
  public Future<Void> connect(Node node, Duration dialTimeout) {
    Context caller = EventLoops.current(vertx);
    SkynetLoop home = homes.of(node.id(), node, caller);
    return home.run(caller, () -> home.connect(node, dialTimeout));
  }

  /** Does nothing: there is one connection to a node, of any age. */
  @Override
  public void setPool(PoolLimits limits) {
    Objects.requireNonNull(limits, "limits");
  }

  @Override
  public Future<Void> close(Deadline grace) {
    if (nodes != null) {
      nodes.unfollow(follower);
    }
    return loops.close(grace);
  }

  private void changed(String node) {
    SkynetLoop home = homes.find(node);
    if (home != null) {
      EventLoops.execute(home.context(), () -> home.changed(node));
    }
  }

  // for the loops

  boolean isClosed() {
    return loops.isClosed();
  }

  SkynetOptions options() {
    return options;
  }

  TransportObserver observer() {
    return observer;
  }

  TimeSource time() {
    return time;
  }

  /** Returns where a node is now, by the table if that knows it; null if it was removed there. */
  @Nullable String addressOf(String node, String unknown) {
    return nodes == null ? unknown : nodes.addressOf(node, unknown);
  }

  Homes<SkynetLoop> homes() {
    return homes;
  }

  @Override
  public String toString() {
    return "SkynetTransport[" + options + "]";
  }
}
