// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is open: requests are written to it, replies are read from it, each way with
 * back-pressure.
 *
 * <p>It arrives paused: nothing is handed over before {@link #fetch} or {@link #resume} asks for
 * it, and never more than was asked for. What nobody asks for stays with the server, which stops
 * sending when the windows of the protocol are full.
 *
 * <p>It ends once, on either side of {@code exceptionHandler} and {@code endHandler}: exactly one
 * of them is called, once, also if it is set after the end. {@code endHandler} follows the last
 * reply and, like replies, waits until something is asked for; {@code exceptionHandler} gets an
 * {@link dev.vertxmicro.errors.RpcException}, the same as a call would fail with, and waits for
 * nothing. A stream whose caller neither reads on nor cancels stays open, and its node leased.
 *
 * <p>Handlers are called on the context that opened the stream. Methods may be called from any
 * thread; {@link #writeQueueFull} means something on that context only.
 *
 * @param <Q> the type of requests
 * @param <R> the type of replies
 */
public interface RpcStream<Q, R> extends WriteStream<Q>, ReadStream<R> {

  /** Sets what is told, once, that the stream failed; pipes and pumps set it too. */
  @Override
  RpcStream<Q, R> exceptionHandler(@Nullable Handler<Throwable> handler);

  /** Sets what takes the replies. A reply that it throws at is lost, and the stream goes on. */
  @Override
  RpcStream<Q, R> handler(@Nullable Handler<R> handler);

  /** Takes back what was asked for and not handed over. */
  @Override
  RpcStream<Q, R> pause();

  /** Asks for all replies. */
  @Override
  RpcStream<Q, R> resume();

  /**
   * Asks for that many more replies.
   *
   * @param amount at least 0
   */
  @Override
  RpcStream<Q, R> fetch(long amount);

  /** Sets what is told, once, that the stream ended well and all replies were handed over. */
  @Override
  RpcStream<Q, R> endHandler(@Nullable Handler<Void> handler);

  /**
   * Sends a request.
   *
   * @return completes when it has left this process; fails with {@link
   *     dev.vertxmicro.errors.RpcException} if it cannot be encoded or is larger than {@link
   *     CallOptions#setMaxRequestBytes} (the stream then goes on without it), or if the stream has
   *     ended
   * @throws IllegalStateException after {@link #end()}, and for a stream that was opened with its
   *     only request
   */
  @Override
  Future<Void> write(Q request);

  /**
   * Half-closes: no more requests come, replies go on. May be called twice.
   *
   * @return completes when the server has been told
   */
  @Override
  Future<Void> end();

  /**
   * Sets how many bytes may wait to be written before {@link #writeQueueFull}. Default 64 KiB.
   *
   * @param bytes above zero
   */
  @Override
  RpcStream<Q, R> setWriteQueueMaxSize(int bytes);

  /** Tells whether to wait for the drain handler before the next request. */
  @Override
  boolean writeQueueFull();

  /** Sets what is called each time that a full queue has emptied to a half. */
  @Override
  RpcStream<Q, R> drainHandler(@Nullable Handler<Void> handler);

  /**
   * Completes with the headers that the server sent before its first reply; fails as the stream
   * does if it ends before.
   */
  Future<Metadata> headers();

  /**
   * Completes with the trailers when the stream has ended well and all replies were handed over;
   * fails as the stream does.
   */
  Future<Metadata> trailers();

  /**
   * Returns the node that serves the stream. Until {@link #headers} has completed another attempt
   * may move to another node.
   */
  Node node();

  /** Returns how many attempts were started to open the stream; at least 1. */
  int attempts();

  /**
   * Gives the stream up: it fails with CANCELLED, code 499, and the server is told. Does nothing
   * once the stream has ended.
   *
   * @param reason becomes part of the failure's detail
   */
  void cancel(String reason);
}
