// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.Homes;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.NodeLoop;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.pooling.SocketDialer;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the transport holds on one event loop: the ways to the nodes that belong to it. */
final class SkynetLoop extends NodeLoop<SkynetLink> implements Homes.Home {

  private static final int MOST_ADDRESSES = 1_024;

  private final SkynetTransport transport;
  private final Map<String, SkynetAddress> addresses = new HashMap<>();
  private final SocketDialer dialer;

  SkynetLoop(SkynetTransport transport, Context context) {
    super(context, transport.time(), transport.observer(), transport.options().getIdleTimeout());
    this.transport = transport;
    this.dialer = new SocketDialer(context);
  }

  SkynetOptions options() {
    return transport.options();
  }

  /**
   * Reads the address of a node.
   *
   * @throws IllegalArgumentException if it is not host:port or [v6]:port
   */
  static NodeAddress target(String address) {
    NodeAddress target = NodeAddress.parse(address);
    if (address.contains("://") || !address.matches(".*:[0-9]+")) {
      throw new IllegalArgumentException(
          "address: '" + address + "' (expected: host:port or [v6]:port)");
    }
    return target;
  }

  /** Opens a socket. Runs as the context of the loop. */
  Future<NetSocket> connect(NodeAddress target, Duration timeout) {
    SocketAddress address = SocketAddress.inetSocketAddress(target.port(), target.host());
    return dialer.connect(new ConnectOptions().setRemoteAddress(address), timeout);
  }

  /** Returns the frame that marks a request with what its metadata says, or null. */
  @Nullable Buffer trace(Message request) {
    String header = options().getTraceHeader();
    String tag = header == null ? null : request.headers().get(header);
    if (tag == null) {
      return null;
    }
    Buffer bytes = Buffer.buffer(tag);
    return RequestFrames.trace(
        bytes.length() <= RequestFrames.PART ? bytes : bytes.getBuffer(0, RequestFrames.PART));
  }

  // ---- requests

  /** Starts one exchange. Runs as {@code caller}, on this loop. */
  SkynetExchange send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      boolean push,
      Deadline deadline,
      SendOptions options) {
    RpcException refusal = null;
    SkynetLink link = null;
    SkynetAddress to = SkynetAddress.NOWHERE;
    try {
      link = link(node);
      to = address(request.endpoint());
      refuseTooLarge(request, options);
    } catch (IllegalArgumentException bad) {
      refusal = Failures.badEndpoint(bad);
    } catch (RpcException refused) {
      refusal = refused;
    }
    SkynetExchange exchange =
        new SkynetExchange(this, caller, gate, to, request, push, deadline, options);
    if (link == null || refusal != null) {
      exchange.fail(refusal == null ? Refusals.closed() : refusal);
    } else {
      exchange.start(link);
    }
    return exchange;
  }

  private void refuseTooLarge(Message request, SendOptions options) {
    int length = request.body().length();
    if (length > options.maxRequestBytes()) {
      observer().limitReached("requestBytes");
      throw Refusals.requestTooLarge(length, options.maxRequestBytes());
    }
  }

  private SkynetAddress address(String endpoint) {
    SkynetAddress known = addresses.get(endpoint);
    if (known == null) {
      known = SkynetAddress.of(endpoint);
      if (addresses.size() >= MOST_ADDRESSES) {
        addresses.clear();
      }
      addresses.put(endpoint, known);
    }
    return known;
  }

  /** Returns an exchange for a caller elsewhere. */
  HoppedExchange hop(
      Context caller,
      Node node,
      Message request,
      boolean push,
      Deadline deadline,
      SendOptions options) {
    return hop(caller, gate -> send(context(), gate, node, request, push, deadline, options));
  }

  /** Connects to {@code node} unless there is a connection. Runs as the context of the loop. */
  Future<Void> connect(Node node, Duration dialTimeout) {
    try {
      return link(node).connect(dialTimeout);
    } catch (RpcException refused) {
      return Future.failedFuture(refused);
    }
  }

  /** {@inheritDoc} Whoever calls is told what stands against it. */
  @Override
  public void settle(Node node) {
    try {
      link(node);
    } catch (RpcException refused) {
      transport.homes().release(node.id(), this);
    }
  }

  /**
   * Returns the way to a node.
   *
   * @throws RpcException if there is none any more
   */
  private SkynetLink link(Node node) {
    if (transport.isClosed()) {
      throw Refusals.closed();
    }
    SkynetLink link = way(node.id());
    String address = transport.addressOf(node.id(), node.address());
    if (address == null) {
      throw Failures.moved(node.id(), "was removed", Processed.NOT_SENT);
    }
    if (link == null && !transport.homes().claim(node.id(), this)) {
      throw Failures.moved(node.id(), "belongs to another event loop", Processed.NOT_SENT);
    }
    if (link == null) {
      return hold(node.id(), new SkynetLink(this, node.id(), address));
    }
    link.moveTo(address);
    return link;
  }

  // ---- what becomes of nodes

  /** The table of nodes has another address for a node than before, or none. */
  void changed(String node) {
    SkynetLink link = way(node);
    if (link == null) {
      return;
    }
    String address = transport.addressOf(node, link.address());
    if (address == null) {
      link.remove();
    } else {
      link.moveTo(address);
    }
  }

  @Override
  protected void forgotten(String node) {
    transport.homes().release(node, this);
  }

  @Override
  protected Future<Void> closeDialer() {
    return dialer.close();
  }
}
