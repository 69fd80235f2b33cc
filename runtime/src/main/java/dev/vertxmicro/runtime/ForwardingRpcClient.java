// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.PublishOption;
import io.vertx.core.Future;

/** A client that hands everything on; client wrappers extend it and override what they change. */
public abstract class ForwardingRpcClient implements RpcClient {

  /** For subclasses. */
  protected ForwardingRpcClient() {}

  /** Returns the next client. */
  protected abstract RpcClient delegate();

  @Override
  public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options) {
    return delegate().start(request, options);
  }

  @Override
  public Future<Void> publish(Publication<?> publication, PublishOption... options) {
    return delegate().publish(publication, options);
  }

  @Override
  public Future<Integer> warmUp(String service, CallOption... options) {
    return delegate().warmUp(service, options);
  }

  @Override
  public <Q, R> Future<RpcStream<Q, R>> stream(Request<Q, R> request, CallOption... options) {
    return delegate().stream(request, options);
  }

  @Override
  public Future<Void> send(Request<?, ?> request, CallOption... options) {
    return delegate().send(request, options);
  }

  @Override
  public Future<Void> init(ClientOption... options) {
    return delegate().init(options);
  }

  @Override
  public Future<ClientHealth> health(String... services) {
    return delegate().health(services);
  }

  @Override
  public RpcClientOptions options() {
    return delegate().options();
  }

  @Override
  public Future<Void> close() {
    return delegate().close();
  }
}
