// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The token that stands for user and password. One is asked for at a time, and kept until somebody
 * is refused with it. Belongs to the home of the registry.
 *
 * <p>Checking a password costs etcd a good part of a second of CPU time by design. So a refusal is
 * remembered for a second: a client that is set up wrongly, with many calls, would be a flood.
 */
final class Tokens {

  private static final long REFUSAL_NANOS = 1_000_000_000;

  private final EtcdClient client;
  private final Home home;
  private final @Nullable String user;
  private final String password;

  private @Nullable Future<String> token;
  private @Nullable RpcException refusal;
  private long refusedAt;

  Tokens(EtcdClient client, Home home, EtcdOptions options) {
    this.client = client;
    this.home = home;
    this.user = options.getUser();
    String secret = options.getPassword();
    this.password = secret == null ? "" : secret;
  }

  boolean hasCredentials() {
    return user != null;
  }

  /** Returns the token; empty if there is no user, or etcd asks for none. */
  Future<String> get() {
    if (user == null) {
      return Future.succeededFuture("");
    }
    Future<String> known = token;
    if (known != null) {
      return known;
    }
    RpcException before = refusal;
    if (before != null && home.nanoTime() - refusedAt < REFUSAL_NANOS) {
      return Future.failedFuture(before);
    }
    return authenticate(user);
  }

  private Future<String> authenticate(String name) {
    Promise<String> promise = Promise.promise();
    Future<String> asked = promise.future();
    token = asked;
    Buffer request = new ProtoWriter().text(1, name).text(2, password).done();
    client
        .authenticate(request)
        .onComplete(
            reply -> {
              if (reply.succeeded()) {
                refusal = null;
                promise.complete(reply.result());
                return;
              }
              RpcException failure = RpcException.from(reply.cause());
              if (failure.grpcStatus() == GrpcStatus.FAILED_PRECONDITION) {
                // Authentication is not enabled: etcd takes everybody.
                promise.complete("");
                return;
              }
              if (token == asked) {
                token = null;
              }
              if (failure.grpcStatus() != GrpcStatus.UNAVAILABLE) {
                refusal = failure;
                refusedAt = home.nanoTime();
              }
              promise.fail(failure);
            });
    return asked;
  }

  /** Reads the answer to a request for a token. */
  static String read(Buffer reply) {
    ProtoReader in = new ProtoReader(reply);
    String token = "";
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 2) {
        token = in.text();
      }
    }
    return token;
  }

  /** Drops the token if it still is the one that was refused. */
  void forget(String refused) {
    if (token != null && token.succeeded() && token.result().equals(refused)) {
      token = null;
    }
  }
}
