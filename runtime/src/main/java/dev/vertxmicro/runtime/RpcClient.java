// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

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
   * @throws IllegalArgumentException if an option is out of its range
   */
  <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options);

  /**
   * Calls and awaits the reply's body.
   *
   * @param request what to call
   * @param options applied in order to a copy of the client's defaults, later wins
   * @throws IllegalArgumentException if an option is out of its range
   */
  default <Q, R> Future<R> call(Request<Q, R> request, CallOption... options) {
    return start(request, options).reply();
  }

  /**
   * Changes the client while calls run, without failing one: the pool's size and TTL for all
   * connections, and the defaults for calls that start afterwards.
   *
   * @throws IllegalArgumentException if an option is out of its range; nothing is changed then
   */
  Future<Void> init(ClientOption... options);

  /** Returns a copy of the options in force. */
  RpcClientOptions options();

  /**
   * Refuses new calls, lets the running ones end, and closes what the client made itself. Calls
   * that still run after {@link RpcClientOptions#getDrainTimeout} fail with UNAVAILABLE. May be
   * called twice.
   */
  Future<Void> close();
}
