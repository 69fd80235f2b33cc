// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.ExclusiveLoop;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the transport holds on one event loop. Belongs to the event loop. */
final class RestLoop extends ExclusiveLoop<RestPool> {

  private final RestTransport transport;

  RestLoop(RestTransport transport, Context context) {
    super(transport.pools(), context);
    this.transport = transport;
  }

  RestOptions options() {
    return transport.options();
  }

  double jitter() {
    return transport.jitter();
  }

  /** Opens a socket. Runs as the context of the loop. */
  Future<NetSocket> connect(Node node, RestAddress target, Duration timeout) {
    ConnectOptions to = new ConnectOptions().setRemoteAddress(target.socket());
    String path = target.path();
    if (path != null) {
      return connect(to, timeout).recover(why -> Future.failedFuture(noUnixSocket(path, why)));
    }
    to.setHost(target.host()).setPort(target.socket().port());
    if (target.tls()) {
      to.setSsl(true).setSslOptions(options().tls(node.address()));
    }
    return connect(to, timeout);
  }

  private IOException noUnixSocket(String path, Throwable why) {
    String lack =
        transport.hasUnixSockets() ? "" : "; neither this JDK nor a native transport has them";
    return new IOException("unix domain socket " + path + ": " + Refusals.reason(why) + lack, why);
  }

  // ---- calls and streams

  /** Starts one call. Runs as {@code caller}, on this loop. */
  RestCall send(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    RestCall call = new RestCall(this, caller, gate, request, deadline, options);
    start(node, request, options, call::start, call::fail);
    return call;
  }

  /** Opens one stream. Runs as {@code caller}, on this loop. */
  RestStream open(
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message head,
      Deadline deadline,
      SendOptions options) {
    RestStream stream = new RestStream(this, caller, gate, head, deadline, options);
    start(node, head, options, stream::start, stream::fail);
    return stream;
  }

  private void start(
      Node node,
      Message request,
      SendOptions options,
      BiConsumer<RestPool, RequestHead> starter,
      Consumer<RpcException> refuser) {
    if (transport.isClosed()) {
      refuser.accept(Refusals.closed());
      return;
    }
    int length = request.body().length();
    if (length > options.maxRequestBytes()) {
      observer().limitReached("requestBytes");
      refuser.accept(Refusals.requestTooLarge(length, options.maxRequestBytes()));
      return;
    }
    RestPool pool;
    RequestHead head;
    try {
      pool = pool(node);
    } catch (IllegalArgumentException bad) {
      refuser.accept(Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    try {
      head = new RequestHead(request, pool.target().authority(), options());
    } catch (IllegalArgumentException bad) {
      refuser.accept(Refusals.badMetadata(String.valueOf(bad.getMessage())));
      return;
    }
    int most = options().getMaxHeaderBytes();
    if (head.length() > most) {
      refuser.accept(Refusals.headTooLarge(head.length(), most));
    } else {
      starter.accept(pool, head);
    }
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

  private RestPool pool(Node node) {
    String key = RestAddress.keyOf(node);
    return pool(
        key,
        shared ->
            new RestPool(
                this,
                node,
                key,
                RestAddress.parse(key, options().prefersTls(node.address())),
                shared));
  }
}
