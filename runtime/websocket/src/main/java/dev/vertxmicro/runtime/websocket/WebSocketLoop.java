// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.Arrivals;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Homes;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
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
 * What the transport holds on one event loop: the ways to the nodes that belong to it. Its own
 * context, not that of a caller, owns connections and timers: they outlive verticles.
 */
final class WebSocketLoop implements Homes.Home {

  private final WebSocketTransport transport;
  private final Context context;
  private final Arrivals arrivals;
  private final Map<String, ClusterLink> links = new HashMap<>();
  private Wire.@Nullable Dialer dialer;
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  WebSocketLoop(WebSocketTransport transport, Context context) {
    this.transport = transport;
    this.context = context;
    this.arrivals = new Arrivals(context);
  }

  @Override
  public Context context() {
    return context;
  }

  WebSocketOptions options() {
    return transport.options();
  }

  TransportObserver observer() {
    return transport.observer();
  }

  long idleNanos() {
    return transport.idleNanos();
  }

  long nanoTime() {
    return transport.time().nanoTime();
  }

  double jitter() {
    return transport.jitter();
  }

  long firstId() {
    return transport.firstId();
  }

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> transport.time().timer(delayNanos, () -> EventLoops.execute(context, task)));
  }

  /** Opens a WebSocket. Runs as the context of the loop. */
  Future<Wire> dial(NodeUrl target) {
    Wire.Dialer known = dialer;
    if (known == null) {
      known = transport.newDialer();
      dialer = known;
    }
    return known.dial(target);
  }

  // ---- requests

  /** Starts one call. Runs as {@code caller}, on this loop. */
  WebSocketExchange send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    WebSocketExchange exchange =
        new WebSocketExchange(this, caller, gate, node.id(), deadline, options);
    try {
      ClusterLink link = link(node);
      refuseTooLarge(request.body().length(), options);
      exchange.start(link, RequestText.of(request.endpoint(), request.body()));
    } catch (IllegalArgumentException bad) {
      exchange.fail(Failures.unfit(bad));
    } catch (RpcException refused) {
      exchange.fail(refused);
    }
    return exchange;
  }

  /** Opens one stream. Runs as {@code caller}, on this loop. */
  WebSocketStream open(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message head,
      Deadline deadline,
      SendOptions options) {
    WebSocketStream stream =
        new WebSocketStream(this, caller, gate, node.id(), head.endpoint(), deadline, options);
    try {
      stream.start(link(node));
    } catch (IllegalArgumentException bad) {
      stream.fail(Failures.unfit(bad));
    } catch (RpcException refused) {
      stream.fail(refused);
    }
    return stream;
  }

  /**
   * Checks a request against the bound of its call.
   *
   * @throws RpcException if it exceeds that
   */
  void refuseTooLarge(int length, SendOptions options) {
    if (length > options.maxRequestBytes()) {
      observer().limitReached("requestBytes");
      throw Refusals.requestTooLarge(length, options.maxRequestBytes());
    }
  }

  /** Returns a call for a caller elsewhere, that is to be started. */
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

  /** Connects to {@code node} unless there is a connection. Runs as the context of the loop. */
  Future<Void> connect(Node node, Duration dialTimeout) {
    try {
      return link(node).connect(dialTimeout);
    } catch (IllegalArgumentException bad) {
      return Future.failedFuture(Refusals.unsendable(String.valueOf(bad.getMessage())));
    } catch (RpcException refused) {
      return Future.failedFuture(refused);
    }
  }

  /** {@inheritDoc} Whoever calls is told what stands against it. */
  @Override
  public void settle(Node node) {
    try {
      link(node);
    } catch (IllegalArgumentException | RpcException refused) {
      transport.homes().release(NodeUrl.keyOf(node), this);
    }
  }

  /**
   * Returns the way to a node.
   *
   * @throws IllegalArgumentException if its address is none
   * @throws RpcException if there is none any more
   */
  private ClusterLink link(Node node) {
    if (transport.isClosed()) {
      throw Refusals.closed();
    }
    String key = NodeUrl.keyOf(node);
    ClusterLink link = links.get(key);
    if (link != null) {
      return link;
    }
    NodeUrl target = NodeUrl.parse(key, options().getPath());
    if (!transport.homes().claim(key, this)) {
      throw Failures.elsewhere(key);
    }
    link = new ClusterLink(this, key, target);
    links.put(key, link);
    if (sweep == null) {
      sweep = arm(transport.sweepNanos(), this::sweep);
    }
    return link;
  }

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    for (ClusterLink link : List.copyOf(links.values())) {
      if (link.sweep(now)) {
        forget(link);
      }
    }
    if (!links.isEmpty()) {
      sweep = arm(transport.sweepNanos(), this::sweep);
    }
  }

  private void forget(ClusterLink link) {
    links.remove(link.address());
    transport.homes().release(link.address(), this);
  }

  // ---- closing

  @Override
  public Future<Void> close() {
    if (closing != null) {
      return closing.future();
    }
    Promise<Void> done = Promise.promise();
    closing = done;
    for (ClusterLink link : List.copyOf(links.values())) {
      link.close();
      checkEmpty(link);
    }
    completeIfEmpty();
    return done.future();
  }

  @Override
  public void abort() {
    List.copyOf(links.values()).forEach(ClusterLink::abort);
  }

  /** Called by a link when something of it is gone. */
  void checkEmpty(ClusterLink link) {
    if (closing != null && link.isEmpty() && links.get(link.address()) == link) {
      forget(link);
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    if (closing == null || !links.isEmpty()) {
      return;
    }
    if (sweep != null) {
      sweep.cancel();
      sweep = null;
    }
    Wire.Dialer client = dialer;
    dialer = null;
    Promise<Void> done = closing;
    if (client == null) {
      done.tryComplete();
    } else {
      client.close().onComplete(gone -> done.tryComplete(), done::tryFail);
    }
  }
}
