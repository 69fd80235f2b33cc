// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;

/**
 * The one door of this package to Vert.x' internals: the pipeline under a socket, and the bytes
 * under a buffer. All of it is in packages that the module of Vert.x exports, so that no JVM flag
 * is needed.
 *
 * <p>What is relied upon, and checked by a test of its own: a socket of {@code NetClient} is a
 * {@link NetSocketInternal}; its handler is the last of the pipeline; its future completes on its
 * event loop before anything that the peer has sent is read.
 */
public final class SocketPipeline {

  private SocketPipeline() {}

  /**
   * Puts {@code handler} before that of Vert.x. From now on it alone reads and writes. Runs on the
   * event loop of the socket, before anything was read from it.
   *
   * @param handler takes every event of the channel, and may pass them on
   * @throws IllegalStateException if Vert.x does not make its sockets so any more
   */
  public static void take(NetSocket socket, ChannelHandler handler) {
    if (!(socket instanceof NetSocketInternal internal)) {
      throw new IllegalStateException("socket: " + socket + " (expected: NetSocketInternal)");
    }
    ChannelHandlerContext last = internal.channelHandlerContext();
    ChannelPipeline pipeline = last.pipeline();
    if (!last.executor().inEventLoop()) {
      throw new IllegalStateException(
          "thread: " + Thread.currentThread() + " (expected: the event loop of the socket)");
    }
    if (pipeline.lastContext() != last) {
      throw new IllegalStateException("pipeline: " + pipeline.names() + " (expected: Vert.x last)");
    }
    ChunkedWriteHandler files = pipeline.get(ChunkedWriteHandler.class);
    if (files != null) {
      // It holds what is written until it is flushed, and no file is sent here.
      pipeline.remove(files);
    }
    pipeline.addBefore(last.name(), "http2", handler);
  }

  /** Returns the bytes of a buffer, not copied, as long as nobody changes it. */
  public static ByteBuf bytes(Buffer buffer) {
    return ((BufferInternal) buffer).getByteBuf();
  }

  /** Returns what can be read of {@code bytes}, copied; it may grow. */
  public static Buffer copy(ByteBuf bytes) {
    int length = bytes.readableBytes();
    ByteBuf copy = Unpooled.buffer(length).writeBytes(bytes, bytes.readerIndex(), length);
    return BufferInternal.buffer(copy);
  }
}
