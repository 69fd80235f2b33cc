// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.PublishOption;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Calls services by name. One client serves all verticles of a Vert.x instance; it may be used from
 * any thread, and a call made on a Vert.x context ends on that context.
 *
 * <p>{@code call} runs: client wrappers, plan, encoding, then attempts (select, pick, call
 * wrappers, transport) until one commits or the deadline comes.
 */
public interface RpcClient {

  /** Returns a client with the {@link Preset#SAFE} preset, changed by {@code options} in order. */
  static RpcClient create(Vertx vertx, ClientOption... options) {
    return builder(vertx).with(options).build();
  }

  /** Starts a client with own parts: registry, selector, transports, codecs, wrappers. */
  static RpcClientBuilder builder(Vertx vertx) {
    return new RpcClientBuilder(vertx);
  }

  /**
   * Starts a call that can be cancelled.
   *
   * @param request what to call
   * @param options applied in order to a copy of the client's defaults, later wins
   * @throws IllegalArgumentException if an option is out of its range, or the request has no body
   */
  <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options);

  /**
   * Calls and awaits the reply's body.
   *
   * @param request what to call
   * @param options applied in order to a copy of the client's defaults, later wins
   * @throws IllegalArgumentException if an option is out of its range, or the request has no body
   */
  default <Q, R> Future<R> call(Request<Q, R> request, CallOption... options) {
    return start(request, options).reply();
  }

  /**
   * Publishes an event through the client's broker, which is connected by the first publish.
   * Completes when the broker has taken the event, as far as that broker can tell.
   *
   * <p>Fails with {@link dev.vertxmicro.errors.RpcException}: 408 if that took longer than {@link
   * PublishOption#timeout}, or than the deadline of the request being served on this context; 503
   * if the broker cannot be reached. {@code processed} is NOT_SENT if no subscriber can get the
   * event. What the broker did not get is handed to it again after a backoff, at most {@link
   * PublishOption#retries} times, what it may have got only if {@link PublishOption#idempotent}:
   * subscribers then may get it twice, with the same id.
   *
   * @param publication what and where
   * @param options applied in order, later wins
   * @throws IllegalArgumentException if an option is out of its range
   */
  Future<Void> publish(Publication<?> publication, PublishOption... options);

  /**
   * Looks a service up and connects ahead to the nodes that its calls would go to, at most 100, so
   * that the first calls find connections. Done for the event loop of the caller, as calls stay on
   * theirs: a verticle of several instances warms up in each.
   *
   * @param service the name of the service
   * @param options which nodes (filters, addresses), {@code dialTimeout} of each and {@code
   *     timeout} of all, as for a call
   * @return how many nodes are connected, at least 1; fails as a call would if the service is
   *     unknown, has no node, or none could be reached. Nodes that cannot be reached count as
   *     failed for the selector.
   */
  Future<Integer> warmUp(String service, CallOption... options);

  /**
   * Opens a stream. A request made with {@link Request#of} is sent, and nothing after it: server
   * streaming. One made with {@link Request#stream} leaves the requests to be written: client
   * streaming and bidirectional.
   *
   * <p>The same attempts, nodes, options, metadata, inherited deadline and wrappers as for a call
   * lead to the stream. An attempt has succeeded when the server's response head has come; until
   * then another may follow it, by the rules of calls, and send again what was written so far, see
   * {@link CallOptions#setMaxReplayBytes}. A reply that call wrappers see has that head and the
   * stream as its body, which they hand on as it is.
   *
   * <p>The call's timeout ends when the stream is open; see {@link CallOptions#setStreamTimeout}
   * and {@link CallOptions#setIdleTimeout}. An open stream counts as an open call, and its node as
   * in use, until it has ended.
   *
   * @param request what to open
   * @param options applied in order to a copy of the client's defaults, later wins
   * @return completes on the caller's context with a stream that is paused: with the response head
   *     if the request is known, or else as soon as requests can leave, since servers may wait for
   *     one. Fails as a call does. Servers may send no head before their first reply: a stream with
   *     rare replies wants a timeout that is longer than the first takes.
   * @throws IllegalArgumentException if an option is out of its range
   */
  <Q, R> Future<RpcStream<Q, R>> stream(Request<Q, R> request, CallOption... options);

  /**
   * Sends a request to which no reply is wanted, by the same path as a call. Over protocols without
   * one-way messages, gRPC among them, it is a call whose reply is dropped: see {@link
   * dev.vertxmicro.runtime.transport.Transport#sendOneWay}. Ordered for each node if the transport
   * {@linkplain dev.vertxmicro.runtime.transport.Transport#isOrdered is}, as long as nothing is
   * retried.
   *
   * @param request what to send; the type of its reply does not matter
   * @param options applied in order to a copy of the client's defaults, later wins
   * @return completes when the request has been written
   * @throws IllegalArgumentException if an option is out of its range, or the request has no body
   */
  Future<Void> send(Request<?, ?> request, CallOption... options);

  /**
   * Changes the client while calls run, without failing one: the pool's size and TTL for all
   * connections, and the defaults for calls that start afterwards. Fails with UNAVAILABLE once the
   * client is closed.
   *
   * @throws IllegalArgumentException if an option is out of its range; nothing is changed then
   */
  Future<Void> init(ClientOption... options);

  /**
   * Asks how registry, broker and services are: whether the registry answers, whether the broker is
   * connected, and how many nodes of each service are healthy as far as this client's calls have
   * shown. Connects to nothing: a broker that was not used yet is {@link
   * dev.vertxmicro.broker.Connectivity#NEW}. For checks of Vert.x see {@link
   * dev.vertxmicro.runtime.health.RpcHealthChecks}.
   *
   * @param services the services to look at; they are looked up as for a call
   * @return completes on the caller's context, with what is wrong as a value, after {@link
   *     CallOptions#getDialTimeout} of the client's calls at the latest; fails with UNAVAILABLE
   *     only once the client, or its Vert.x instance, is closed
   */
  Future<ClientHealth> health(String... services);

  /** Returns a copy of the options in force. */
  RpcClientOptions options();

  /**
   * Refuses new calls, lets the running ones end, and closes what the client made itself. Calls and
   * streams that still run after {@link RpcClientOptions#getDrainTimeout} fail with UNAVAILABLE; as
   * do, at once, those that run when the Vert.x instance closes. May be called twice.
   */
  Future<Void> close();
}
