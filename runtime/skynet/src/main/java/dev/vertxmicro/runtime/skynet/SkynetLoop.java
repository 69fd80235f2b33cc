// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.Arrivals;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Homes;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the transport holds on one event loop: the ways to the nodes that belong to it. Its own
 * context, not that of a caller, owns connections and timers: they outlive verticles.
 */
final class SkynetLoop implements Homes.Home {

  private static final int MOST_ADDRESSES = 1_024;

  private final SkynetTransport transport;
  private final Context context;
  private final Arrivals arrivals;
  private final Map<String, SkynetLink> links = new HashMap<>();
  private final Map<String, SkynetAddress> addresses = new HashMap<>();
  private @Nullable NetClient dialer;
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  SkynetLoop(SkynetTransport transport, Context context) {
    this.transport = transport;
    this.context = context;
    this.arrivals = new Arrivals(context);
  }

  @Override
  public Context context() {
    return context;
  }

  SkynetOptions options() {
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

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> transport.time().timer(delayNanos, () -> EventLoops.execute(context, task)));
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
    NetClient client = dialer;
    if (client == null) {
      client = transport.newDialer();
      dialer = client;
    }
    ConnectOptions to =
        new ConnectOptions()
            .setRemoteAddress(SocketAddress.inetSocketAddress(target.port(), target.host()))
            .setTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(1, Nanos.millis(timeout))));
    try {
      return client.connect(to);
    } catch (RuntimeException badOptions) {
      return Future.failedFuture(badOptions);
    }
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

  /** Returns an exchange for a caller elsewhere, that is to be started. */
  HoppedExchange hop(
      Context caller,
      Node node,
      Message request,
      boolean push,
      Deadline deadline,
      SendOptions options) {
    return new HoppedExchange(
        arrivals,
        caller,
        this::nanoTime,
        gate -> send(context, gate, node, request, push, deadline, options));
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
    SkynetLink link = links.get(node.id());
    String address = transport.addressOf(node.id(), node.address());
    if (address == null) {
      throw Failures.moved(node.id(), "was removed", Processed.NOT_SENT);
    }
    if (link == null && !transport.homes().claim(node.id(), this)) {
      throw Failures.moved(node.id(), "belongs to another event loop", Processed.NOT_SENT);
    }
    if (link == null) {
      link = new SkynetLink(this, node.id(), address);
      links.put(node.id(), link);
      if (sweep == null) {
        sweep = arm(transport.sweepNanos(), this::sweep);
      }
    } else {
      link.moveTo(address);
    }
    return link;
  }

  // ---- what becomes of nodes

  /** The table of nodes has another address for a node than before, or none. */
  void changed(String node) {
    SkynetLink link = links.get(node);
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

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    for (SkynetLink link : List.copyOf(links.values())) {
      if (link.sweep(now)) {
        forget(link);
      }
    }
    if (!links.isEmpty()) {
      sweep = arm(transport.sweepNanos(), this::sweep);
    }
  }

  private void forget(SkynetLink link) {
    links.remove(link.node());
    transport.homes().release(link.node(), this);
  }

  // ---- closing

  @Override
  public Future<Void> close() {
    if (closing != null) {
      return closing.future();
    }
    Promise<Void> done = Promise.promise();
    closing = done;
    for (SkynetLink link : List.copyOf(links.values())) {
      link.close();
      checkEmpty(link);
    }
    completeIfEmpty();
    return done.future();
  }

  @Override
  public void abort() {
    List.copyOf(links.values()).forEach(SkynetLink::abort);
  }

  /** Called by a link when something of it is gone. */
  void checkEmpty(SkynetLink link) {
    if (closing != null && link.isEmpty() && links.get(link.node()) == link) {
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
    NetClient client = dialer;
    dialer = null;
    Promise<Void> done = closing;
    if (client == null) {
      done.tryComplete();
    } else {
      client.close().onComplete(gone -> done.tryComplete(), done::tryFail);
    }
  }
}
