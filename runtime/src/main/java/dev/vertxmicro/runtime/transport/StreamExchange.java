// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One stream on its way: messages out, a head, messages in, a status. Belongs to the context that
 * opened it; every method is called there and everything is reported there.
 *
 * <p>Both directions have back-pressure. Requests are written while {@link #isWriteQueueFull} is
 * false, else after the drain handler was called. Replies are handed over one by one, never more
 * than were asked for by {@link #fetch}; what nobody asks for stays with the peer, but for what the
 * windows of the protocol hold.
 *
 * <p>The status comes once: {@link #trailers} completes. A failure before the head fails {@link
 * #reply} as well. After either, requests that have not been written fail.
 */
public interface StreamExchange extends Exchange {

  /**
   * Completes when the peer has been told of the stream, so that requests flow; fails with what
   * {@link #trailers} fails with if that never happens. Requests may be written before: the
   * exchange holds them back.
   */
  Future<Void> opened();

  /**
   * Completes with the response head: a reply with headers and content type, and no body. A stream
   * that ends with a failure before any head fails it.
   */
  @Override
  Future<Message> reply();

  /**
   * Sends one message.
   *
   * @param message its body, not changed by the caller
   * @return completes when it has left; fails with {@link dev.vertxmicro.errors.RpcException} if it
   *     is larger than {@link SendOptions#maxRequestBytes} (the stream then goes on) or the stream
   *     has ended
   * @throws IllegalStateException after {@link #end}
   */
  Future<Void> write(Buffer message);

  /**
   * Says that no more requests come (half-close). The replies go on. May be called twice.
   *
   * @return completes when the peer has been told
   */
  Future<Void> end();

  /** Tells whether messages that have not left make up {@link #setWriteQueueMaxBytes} or more. */
  boolean isWriteQueueFull();

  /** Sets how many bytes may wait to be written before the queue counts as full; above zero. */
  void setWriteQueueMaxBytes(int bytes);

  /** Sets what is called each time that a full queue has emptied to a half; null for nothing. */
  void drainHandler(@Nullable Runnable drained);

  /** Sets what takes the replies; set before the first {@link #fetch}. */
  void handler(Handler<Buffer> handler);

  /**
   * Asks for {@code amount} more replies; {@link Long#MAX_VALUE} for all.
   *
   * @param amount above zero
   */
  void fetch(long amount);

  /** Takes back what was asked for and not handed over. */
  void pause();

  /**
   * Completes with the trailers when the stream has ended well and every reply was handed over.
   * Fails with {@link dev.vertxmicro.errors.RpcException}: after the replies that came before it if
   * the peer ended the stream with an error, at once if the stream was lost or cancelled.
   */
  Future<Metadata> trailers();

  /**
   * Gives the stream up: head and trailers fail with CANCELLED (code 499) if they are still open,
   * the peer is told where the protocol can, and nothing is written or handed over afterwards. Does
   * nothing once the stream has ended.
   */
  @Override
  void cancel();
}
