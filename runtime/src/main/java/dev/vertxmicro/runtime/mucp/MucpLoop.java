// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.ExclusiveLoop;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the transport holds on one event loop. Belongs to the event loop. */
final class MucpLoop extends ExclusiveLoop<ConnectionPool> {

  private static final Buffer NOTHING = Buffer.buffer(0);

  private final MucpTransport transport;

  MucpLoop(MucpTransport transport, Context context) {
    super(transport.pools(), context);
    this.transport = transport;
  }

  MucpOptions options() {
    return transport.options();
  }

  double jitter() {
    return transport.jitter();
  }

  /** Returns the next {@code Micro-Id} of the transport. */
  long nextId() {
    return transport.nextId();
  }

  /** Opens a socket. Runs as the context of the loop. */
  Future<NetSocket> connect(NodeAddress target, Duration timeout) {
    ConnectOptions to =
        new ConnectOptions()
            .setRemoteAddress(SocketAddress.inetSocketAddress(target.port(), target.host()))
            .setHost(target.host())
            .setPort(target.port());
    if (options().isTls(target)) {
      to.setSsl(true).setSslOptions(options().tls());
    }
    return connect(to, timeout);
  }

  // ---- calls and streams

  /** Starts one exchange. Runs as {@code caller}, on this loop. */
  UnaryExchange send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    WireType type = wireType(node, request);
    UnaryExchange exchange =
        new UnaryExchange(this, caller, gate, request, type, deadline, options);
    start(node, request, type, options, exchange::start, exchange::fail);
    return exchange;
  }

  /** Opens one stream. Runs as {@code caller}, on this loop. */
  StreamingExchange open(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message head,
      Deadline deadline,
      SendOptions options) {
    WireType type = wireType(node, head);
    Message bare = head.body().length() == 0 ? head : head.toBuilder().body(NOTHING).build();
    StreamingExchange stream =
        new StreamingExchange(this, caller, gate, bare, type, deadline, options);
    start(node, bare, type, options, stream::start, stream::fail);
    return stream;
  }

  /** A node that names no protocol is one of go-micro's first versions. */
  private static WireType wireType(Node node, Message request) {
    return WireType.of(request.contentType(), node.protocol() == null);
  }

  private void start(
      Node node,
      Message request,
      WireType type,
      SendOptions options,
      Consumer<ConnectionPool> starter,
      Consumer<RpcException> refuser) {
    RpcException refusal = refusal(request, type, options.maxRequestBytes());
    if (refusal != null) {
      refuser.accept(refusal);
      return;
    }
    ConnectionPool pool;
    try {
      pool = pool(node);
    } catch (IllegalArgumentException bad) {
      refuser.accept(Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    starter.accept(pool);
  }

  /** Returns an exchange for a caller elsewhere. */
  HoppedExchange hop(
      Context caller, Node node, Message request, Deadline deadline, SendOptions options) {
    return hop(caller, gate -> send(context(), gate, node, request, deadline, options));
  }

  /** Returns a stream for a caller elsewhere. */
  HoppedStream hopStream(
      Context caller, Node node, Message head, Deadline deadline, SendOptions options) {
    return hopStream(caller, options, gate -> open(context(), gate, node, head, deadline, options));
  }

  /** Returns why a request cannot be sent, or null if it can. */
  private @Nullable RpcException refusal(Message request, WireType type, int mostBytes) {
    if (transport.isClosed()) {
      return Refusals.closed();
    }
    if (type.equals(WireType.UNKNOWN)) {
      return Refusals.unsendable("unsupported Content-Type: " + request.contentType());
    }
    int length = request.body().length();
    if (length > mostBytes) {
      observer().limitReached("requestBytes");
      return Refusals.requestTooLarge(length, mostBytes);
    }
    try {
      MucpHeaders.check(request);
      return null;
    } catch (IllegalArgumentException bad) {
      return Refusals.badMetadata(String.valueOf(bad.getMessage()));
    }
  }

  /** Connects to {@code node} unless this loop already has. Runs as the context of the loop. */
  Future<Void> connect(Node node, Duration dialTimeout) {
    if (transport.isClosed()) {
      return Future.failedFuture(Refusals.closed());
    }
    try {
      return pool(node).connect(dialTimeout);
    } catch (IllegalArgumentException bad) {
      return Future.failedFuture(Refusals.unsendable(String.valueOf(bad.getMessage())));
    }
  }

  /**
   * Returns the pool of a node.
   *
   * @throws IllegalArgumentException if the address of the node is none
   */
  ConnectionPool pool(Node node) {
    String key = NodeAddress.keyOf(node);
    return pool(key, shared -> new ConnectionPool(this, node, key, NodeAddress.parse(key), shared));
  }
}
