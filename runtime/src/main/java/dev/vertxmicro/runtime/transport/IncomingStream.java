// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of {@link MemoryTransport} as the one who serves it sees it. Used on the context of the
 * caller; what arrives is called there. Requests come only when they are asked for.
 */
public interface IncomingStream {

  /** Returns the head: target, endpoint, headers and content type. */
  Message head();

  /** Returns when the stream ends at the latest. */
  Deadline deadline();

  /** Returns the bounds that the caller set. */
  SendOptions options();

  /** Completes when the caller has given the stream up. */
  Future<Void> cancelled();

  /** Sets what takes the requests, and what is called when the last was taken and none follows. */
  void requests(Handler<Buffer> handler, @Nullable Runnable ended);

  /** Asks for {@code amount} more requests; {@link Long#MAX_VALUE} for all. */
  void fetch(long amount);

  /** Takes back what was asked for and not handed over. */
  void pause();

  /** Sends the response head, once; the first message sends an empty one if there was none. */
  void head(Metadata headers);

  /** Sends a message; completes when the caller has taken it. */
  Future<Void> write(Buffer message);

  /** Tells whether messages that the caller has not taken make up 64 KiB or more. */
  boolean isWriteQueueFull();

  /** Sets what is called each time that a full queue has emptied to a half. */
  void drainHandler(@Nullable Runnable drained);

  /** Ends the stream well, once all messages were taken. */
  void end(Metadata trailers);

  /** Ends the stream with an error, once all messages were taken; {@code processed} is kept. */
  void fail(RpcException failure);

  /**
   * Loses the stream: the caller sees {@code failure} at once, and messages on the way are gone.
   */
  void reset(RpcException failure);
}
