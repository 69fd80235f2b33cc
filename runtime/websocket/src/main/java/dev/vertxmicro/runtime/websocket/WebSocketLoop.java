// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.Homes;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the transport holds on one event loop: the ways to the nodes that belong to it. */
final class WebSocketLoop extends NodeLoop<ClusterLink> implements Homes.Home {

  private final WebSocketTransport transport;
  private Wire.@Nullable Dialer dialer;

  WebSocketLoop(WebSocketTransport transport, Context context) {
    super(context, transport.time(), transport.observer(), transport.options().getIdleTimeout());
    this.transport = transport;
  }

  WebSocketOptions options() {
    return transport.options();
  }

  double jitter() {
    return transport.jitter();
  }

  long firstId() {
    return transport.firstId();
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

  /** Returns a call for a caller elsewhere. */
  HoppedExchange hop(
      Context caller, Node node, Message request, Deadline deadline, SendOptions options) {
    return hop(caller, gate -> send(context(), gate, node, request, deadline, options));
  }

  /** Returns a stream for a caller elsewhere. */
  HoppedStream hopStream(
      Context caller, Node node, Message head, Deadline deadline, SendOptions options) {
    return hopStream(caller, options, gate -> open(context(), gate, node, head, deadline, options));
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
    ClusterLink link = way(key);
    if (link != null) {
      return link;
    }
    NodeUrl target = NodeUrl.parse(key, options().getPath());
    if (!transport.homes().claim(key, this)) {
      throw Failures.elsewhere(key);
    }
    return hold(key, new ClusterLink(this, key, target));
  }

  @Override
  protected void forgotten(String key) {
    transport.homes().release(key, this);
  }

  @Override
  protected Future<Void> closeDialer() {
    Wire.Dialer client = dialer;
    dialer = null;
    return client == null ? Future.succeededFuture() : client.close();
  }
}
