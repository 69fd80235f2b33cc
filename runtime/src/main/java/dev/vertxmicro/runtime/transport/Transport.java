// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * Speaks one protocol with the nodes of services. Implemented by plug-ins, see {@link
 * TransportProvider}.
 *
 * <p>Called by the attempt loop of the runtime, once per attempt, on the Vert.x context of the
 * call; everything it reports comes back on that context. Transports pool connections, bound their
 * queues, and never retry.
 */
public interface Transport {

  /** Returns the protocol as nodes name it in their metadata, for example {@code "grpc"}. */
  String protocol();

  /**
   * Returns the content types that the protocol carries, the preferred first. The runtime takes the
   * first whose codec handles the request when the call names none.
   */
  List<String> contentTypes();

  /**
   * Sends a request and awaits one reply.
   *
   * <p>Never throws for what depends on the world: the reply fails. A deadline that has passed
   * fails it at once with DEADLINE_EXCEEDED, code 408, NOT_SENT. Otherwise the transport sends the
   * remaining time along and arms no timer for it: the runtime, which has one for the whole
   * attempt, cancels the exchange at the deadline, wherever the exchange then is.
   *
   * @param node where to
   * @param request what; its body is not changed
   * @param deadline until when; the remaining time goes along on the wire where the protocol can
   * @param options bounds of this exchange
   */
  Exchange send(Node node, Message request, Deadline deadline, SendOptions options);

  /**
   * Connects to a node ahead of requests, on behalf of the event loop of the caller. Completes when
   * a request to the node would find a connection; fails with UNAVAILABLE, NOT_SENT, if the node
   * cannot be reached in time. Does nothing by default, for transports without connections.
   *
   * @param node where to
   * @param dialTimeout how long that may take; more than zero
   */
  default Future<Void> connect(Node node, Duration dialTimeout) {
    return Future.succeededFuture();
  }

  /**
   * Opens a stream of messages both ways.
   *
   * <p>As {@link #send} but for the deadline: it is that of the whole stream. The default says that
   * this protocol has no streams: UNIMPLEMENTED, code 501, NOT_SENT.
   *
   * @param node where to
   * @param head target, endpoint, headers and content type; its body is not sent
   * @param deadline when the stream ends at the latest; the remaining time goes along on the wire
   *     where the protocol can
   * @param options bounds of this exchange; those of bodies are of each message
   */
  default StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    return new RefusedStream(
        RpcException.client(
                GrpcStatus.UNIMPLEMENTED, "protocol " + protocol() + " carries no streams")
            .build());
  }

  /**
   * Sends a request to which no reply is wanted. The exchange's reply completes when the request
   * has left, with a message that nobody looks at.
   *
   * <p>The default is a unary call whose reply is awaited and dropped, for protocols that have
   * nothing less: a failure that the server reports is then seen.
   */
  default Exchange sendOneWay(Node node, Message request, Deadline deadline, SendOptions options) {
    return send(node, request, deadline, options);
  }

  /**
   * Tells whether one-way requests that one context sends to one node reach it in the order in
   * which they were sent. The default is no: they may take different connections.
   */
  default boolean isOrdered() {
    return false;
  }

  /**
   * Changes the bounds of the pool while exchanges run. None of them fails: new connections follow
   * the new bounds, surplus and aged ones get no new work and are closed when idle.
   */
  void setPool(PoolLimits limits);

  /**
   * Closes idle connections at once and the others when their last exchange has ended. Exchanges
   * that wait for a connection fail with UNAVAILABLE, NOT_SENT; so do later ones. May be called
   * twice. The caller bounds the wait by {@link #close} of its own deadline.
   *
   * @param grace what is still running when it expires fails with UNAVAILABLE, and the connections
   *     are closed
   */
  Future<Void> close(Deadline grace);
}
