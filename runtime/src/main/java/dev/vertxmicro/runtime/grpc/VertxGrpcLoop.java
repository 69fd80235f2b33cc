// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The clients of {@link VertxGrpcTransport} on one event loop, one for plain text and one for TLS,
 * made when they are first needed. Belongs to the event loop.
 *
 * <p>The context is its own: a client that is made on the context of a verticle is closed with it,
 * and a connection keeps the locals of the context that opens it.
 */
final class VertxGrpcLoop {

  private final VertxGrpcTransport transport;
  private final Context context;
  private @Nullable GrpcClient plain;
  private @Nullable GrpcClient secured;

  VertxGrpcLoop(VertxGrpcTransport transport, Context context) {
    this.transport = transport;
    this.context = context;
  }

  Context context() {
    return context;
  }

  GrpcClient client(NodeAddress address) {
    return transport.options().isTls(address) ? secured() : plain();
  }

  private GrpcClient plain() {
    GrpcClient client = plain;
    if (client == null) {
      client = create(transport.options().toHttp());
      plain = client;
    }
    return client;
  }

  private GrpcClient secured() {
    GrpcClient client = secured;
    if (client == null) {
      client = create(http(transport.options().tls()));
      secured = client;
    }
    return client;
  }

  private HttpClientOptions http(ClientSSLOptions tls) {
    return transport
        .options()
        .toHttp()
        .setSsl(true)
        .setTrustAll(tls.isTrustAll())
        .setVerifyHost(!tls.isTrustAll())
        .setTrustOptions(tls.getTrustOptions())
        .setKeyCertOptions(tls.getKeyCertOptions());
  }

  private GrpcClient create(HttpClientOptions http) {
    GrpcClientOptions options =
        new GrpcClientOptions().setMaxMessageSize(transport.maxMessageBytes());
    return GrpcClient.builder(transport.vertx()).with(options).with(http).build();
  }

  Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    try {
      EventLoops.execute(context, () -> closeClients().onComplete(closed));
    } catch (RejectedExecutionException ended) {
      // The Vert.x instance has ended, and has closed them.
      return Future.succeededFuture();
    }
    return closed.future();
  }

  private Future<Void> closeClients() {
    return Future.join(close(plain), close(secured)).mapEmpty();
  }

  private static Future<Void> close(@Nullable GrpcClient client) {
    return client == null ? Future.succeededFuture() : client.close();
  }
}
