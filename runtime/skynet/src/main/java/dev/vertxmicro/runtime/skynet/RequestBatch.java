// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.WriteBatch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * The requests that leave a connection together: when they are many bytes or as many as may be
 * unwritten, when the bytes that have just come were read to their end ({@link #hold}), and at the
 * end of the turn of the event loop. Most of a write to a socket is waking the peer, so that
 * several small ones cost more than all the rest of the requests in them.
 *
 * <p>What is in a batch counts as sent: a cancel does not take it out again, and the node gets it.
 * Only the end of the connection keeps it from leaving. Belongs to the event loop of the socket,
 * and runs as its context.
 */
final class RequestBatch extends WriteBatch {

  private static final int MANY_BYTES = 32 * 1024;

  private final Context owner;
  private final LongSupplier nanoTime;
  private final Unwritten unwritten;
  private final Handler<Void> endOfTurn = v -> release();
  private int bytes;
  private boolean held;
  private boolean flushing;
  private long flushedNanos;

  /**
   * Starts empty.
   *
   * @param owner the context of the socket
   * @param nanoTime the clock
   * @param mostBytes at how many bytes that have not left it is full
   * @param drained called each time that one that was full has half of that or less
   */
  RequestBatch(Context owner, LongSupplier nanoTime, int mostBytes, Runnable drained) {
    this.owner = owner;
    this.nanoTime = nanoTime;
    this.unwritten = new Unwritten(mostBytes, drained);
  }

  /** Takes its place in the pipeline of {@code socket}, between the network and Vert.x. */
  void enter(NetSocket socket) {
    ChannelHandlerContext handler = EventLoops.handlerOf(socket);
    handler.pipeline().addBefore(handler.name(), "requests", this);
  }

  /** Tells whether to write nothing more until it has drained. */
  boolean isFull() {
    return unwritten.isFull();
  }

  /**
   * Returns where to append a request, at once; {@link #added} follows.
   *
   * @param length how many bytes it has
   */
  ByteBuf next(int length) {
    return room(length);
  }

  /**
   * Takes a request that was appended.
   *
   * @param length how many bytes it has
   * @param departure told when the operating system has all of them, or that it never gets them;
   *     says then that they have {@link #left}
   */
  void added(int length, Departure departure) {
    tell(departure);
    unwritten.add(length);
    bytes += length;
    if (bytes >= MANY_BYTES || unwritten.isFull()) {
      flush();
    } else if (!held) {
      held = true;
      owner.runOnContext(endOfTurn);
    }
  }

  /** Says that {@link #release} follows in this turn. */
  void hold() {
    held = true;
  }

  /** Sends what was added meanwhile. */
  void release() {
    held = false;
    flush();
  }

  /** Sends what was added, now. */
  void flush() {
    if (bytes == 0) {
      return;
    }
    bytes = 0;
    boolean outer = flushing;
    flushing = true;
    flushedNanos = nanoTime.getAsLong();
    flush(context());
    flushing = outer;
  }

  /** The operating system has so many bytes more, or never gets them. */
  void left(int length) {
    unwritten.left(length);
  }

  /** Fails what was not sent, and never will be: the socket is closed. */
  void close() {
    bytes = 0;
    drop(new IOException("the connection was closed"));
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    close();
  }

  /** Returns when what is told its departure now has left: many leave at once. */
  long leftNanos() {
    return flushing ? flushedNanos : nanoTime.getAsLong();
  }
}
