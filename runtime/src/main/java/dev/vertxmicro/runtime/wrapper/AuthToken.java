// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallContext;
import dev.vertxmicro.runtime.CallFunction;
import dev.vertxmicro.runtime.CallWrapper;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Sends {@code Authorization: Bearer <token>} with each attempt of calls and streams, as go-micro's
 * auth wrapper does ({@code AuthCall}, v4.9 and later), unless the call has an {@code
 * Authorization} of its own. One object may serve several clients, from any thread.
 *
 * <p>Where there is no token an attempt fails with what the source of the token failed with, or
 * else with code 401, NOT_SENT.
 */
public final class AuthToken implements CallWrapper {

  private static final String AUTHORIZATION = "Authorization";

  private final TokenSource source;

  private AuthToken(TokenSource source) {
    this.source = source;
  }

  /**
   * A token and how long it is good for.
   *
   * @param value what comes after {@code Bearer}; not blank
   * @param lifetime from when its source gave it; above zero
   */
  public record Token(String value, Duration lifetime) {

    /** Checks the ranges. */
    public Token {
      Ranges.notBlank("value", value);
      Ranges.positive("lifetime", lifetime);
    }

    /** Returns the lifetime only. */
    @Override
    public String toString() {
      return "Token[lifetime=" + lifetime + "]";
    }
  }

  /**
   * Returns a wrapper with a token that never changes.
   *
   * @param token not blank
   */
  public static AuthToken of(String token) {
    Ranges.notBlank("token", token);
    return from(() -> token);
  }

  /**
   * Returns a wrapper that asks for the token at each attempt.
   *
   * @param token called on the context of the call; must not block, and give what is not blank
   */
  public static AuthToken from(Supplier<String> token) {
    Objects.requireNonNull(token, "token");
    return new AuthToken(TokenSource.of(token));
  }

  /**
   * Returns a wrapper that keeps a token until it is about to expire. The first attempt has it
   * fetched, and all others wait for that one fetch. When four fifths of its lifetime are over the
   * next attempt has a new one fetched and goes on with the old one; attempts wait again only if it
   * has expired meanwhile. A token that a server refuses with code 401 is not used any more. After
   * a fetch that failed, or brought a token that was refused, there is none for a second.
   *
   * @param fetch gives a new token; called on the context of a call, one call at a time; must not
   *     block
   * @param time the clock of lifetimes
   */
  public static AuthToken refreshed(Supplier<Future<Token>> fetch, TimeSource time) {
    return new AuthToken(new KeptToken(fetch, time));
  }

  @Override
  public CallFunction wrap(CallFunction next) {
    return attempt ->
        attempt.metadata().get(AUTHORIZATION) == null ? call(next, attempt) : next.call(attempt);
  }

  private Future<Reply<?>> call(CallFunction next, CallContext attempt) {
    Future<String> token = source.token();
    if (token.isComplete()) {
      return call(next, attempt, token);
    }
    Context caller = Vertx.currentContext();
    if (caller == null) {
      return token.transform(there -> call(next, attempt, token));
    }
    Promise<Reply<?>> reply = EventLoops.promise(caller);
    token.onComplete(
        there -> EventLoops.execute(caller, () -> call(next, attempt, token).onComplete(reply)));
    return reply.future();
  }

  private Future<Reply<?>> call(CallFunction next, CallContext attempt, Future<String> token) {
    if (token.failed()) {
      return Future.failedFuture(explained(token.cause()));
    }
    String value = token.result();
    return next.call(attempt.header(AUTHORIZATION, "Bearer " + value))
        .onFailure(
            failure -> {
              if (RpcException.from(failure).code() == 401) {
                source.refused(value);
              }
            });
  }

  private static RpcException explained(Throwable failure) {
    return failure instanceof RpcException rpc
        ? rpc
        : RpcException.client(GrpcStatus.UNAUTHENTICATED, "no token: " + failure)
            .cause(failure)
            .build();
  }

  @Override
  public String toString() {
    return "AuthToken[" + source + "]";
  }
}
