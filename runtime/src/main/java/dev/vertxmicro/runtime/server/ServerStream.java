// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream being served, as its {@link StreamHandler} sees it: requests are read from it, replies
 * are written to it, each way with back-pressure. Used on the call's context only.
 *
 * <p>It arrives paused. {@code endHandler} is called once when the caller has half-closed and all
 * requests were handed over; {@code exceptionHandler} once, with an {@link
 * dev.vertxmicro.errors.RpcException}, when nobody wants replies any longer (what {@link
 * ServerCall#cancelled} tells) or a request cannot be read.
 *
 * @param <Q> the type of requests
 * @param <R> the type of replies
 */
public interface ServerStream<Q, R> extends ReadStream<Q>, WriteStream<R> {

  /** Returns the rest: metadata, deadline, cancellation, reply headers and trailers. */
  ServerCall call();

  @Override
  ServerStream<Q, R> exceptionHandler(@Nullable Handler<Throwable> handler);

  @Override
  ServerStream<Q, R> handler(@Nullable Handler<Q> handler);

  @Override
  ServerStream<Q, R> pause();

  @Override
  ServerStream<Q, R> resume();

  @Override
  ServerStream<Q, R> fetch(long amount);

  @Override
  ServerStream<Q, R> endHandler(@Nullable Handler<Void> handler);

  /**
   * Sends a reply.
   *
   * @return completes when it has left; fails if it cannot be encoded or is larger than {@link
   *     ServerOptions#setMaxReplyBytes} (the stream then goes on without it), or if the stream has
   *     ended
   */
  @Override
  Future<Void> write(R reply);

  /**
   * Ends the stream well, behind the replies that were written; requests that still come are
   * dropped. May be called twice; the success of the handler's future does the same.
   *
   * @return completes when the end has left
   */
  @Override
  Future<Void> end();

  /** Sets how many bytes may wait to be written before {@link #writeQueueFull}. Default 64 KiB. */
  @Override
  ServerStream<Q, R> setWriteQueueMaxSize(int bytes);

  @Override
  ServerStream<Q, R> drainHandler(@Nullable Handler<Void> handler);
}
