// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.util.function.Supplier;

/**
 * The one door to Vert.x' internals: which event loop a context belongs to, and running there
 * without the detour of a task.
 *
 * <p>Why it is needed: a connection must belong to a context that outlives every verticle and
 * carries no locals of a caller, yet runs on the caller's event loop. Public API makes no such
 * context and does not tell whether two contexts share a loop.
 */
public final class EventLoops {

  private EventLoops() {}

  /** Returns the context of this thread, duplicated or not; makes one for a foreign thread. */
  public static Context current(Vertx vertx) {
    return ((VertxInternal) vertx).getOrCreateContext();
  }

  /** Tells whether this thread is the event loop of {@code context}, and its code runs there. */
  public static boolean isHere(Context context) {
    return context.isEventLoopContext() && ((ContextInternal) context).inThread();
  }

  /**
   * Tells whether this thread runs {@code context}. It is not enough that the context is current:
   * it also is on the worker thread of its {@code executeBlocking}.
   */
  public static boolean isRunning(Context context) {
    return ((ContextInternal) context).isRunningOnContext();
  }

  /** Returns a context of one request: on the thread of {@code context}, without its locals. */
  public static Context duplicate(Context context) {
    return ((ContextInternal) context).duplicate();
  }

  /** Returns the identity of the event loop of {@code context}; workers have one as well. */
  public static EventLoop loopOf(Context context) {
    return ((ContextInternal) context).nettyEventLoop();
  }

  /** Returns a new context on {@code loop} that lives as long as {@code vertx}. */
  public static Context newContext(Vertx vertx, EventLoop loop) {
    return ((VertxInternal) vertx).contextBuilder().withEventLoop(loop).build();
  }

  /** Returns a promise whose listeners run on {@code context}. */
  public static <T> Promise<T> promise(Context context) {
    return ((ContextInternal) context).promise();
  }

  /** Runs {@code task} as {@code context}, now; this must be its thread. */
  public static void dispatch(Context context, Runnable task) {
    ((ContextInternal) context).dispatch(task);
  }

  /** Returns what {@code task} makes as {@code context}, now; this must be its thread. */
  public static <T> T call(Context context, Supplier<T> task) {
    ContextInternal internal = (ContextInternal) context;
    ContextInternal before = internal.beginDispatch();
    try {
      return task.get();
    } finally {
      internal.endDispatch(before);
    }
  }

  /** Tells whether sockets can connect to unix domain sockets. */
  public static boolean hasUnixSockets(Vertx vertx) {
    return ((VertxInternal) vertx).transport().supportsDomainSockets();
  }

  /** Tells whether a socket is open, before Vert.x says that it was closed; from its event loop. */
  public static boolean isOpen(NetSocket socket) {
    return handlerOf(socket).channel().isOpen();
  }

  /** Returns the place of Vert.x' handler in the pipeline under a socket. */
  public static ChannelHandlerContext handlerOf(NetSocket socket) {
    return ((NetSocketInternal) socket).channelHandlerContext();
  }

  /** Tells whether a WebSocket is open, as {@link #isOpen(NetSocket)}. */
  public static boolean isOpen(WebSocket socket) {
    return handlerOf(socket).channel().isOpen();
  }

  /** Returns the place of Vert.x' handler in the pipeline under a WebSocket. */
  public static ChannelHandlerContext handlerOf(WebSocket socket) {
    return ((WebSocketInternal) socket).channelHandlerContext();
  }

  /**
   * Closes a socket now, from its event loop: what has not left this process, and what the system
   * still holds back, is dropped. {@code NetSocket.close} would write it first, and so wait for a
   * peer that does not read.
   */
  public static void reset(NetSocket socket) {
    reset(handlerOf(socket));
  }

  /** Closes a WebSocket now, without a handshake, as {@link #reset(NetSocket)}. */
  public static void reset(WebSocket socket) {
    reset(handlerOf(socket));
  }

  private static void reset(ChannelHandlerContext handler) {
    Channel channel = handler.channel();
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // From the first handler on, which passes TLS by: its farewell would wait as well.
      channel.pipeline().firstContext().close();
    }
  }

  /** Runs {@code task} as {@code context}: now if this thread is its event loop, else soon. */
  public static void execute(Context context, Runnable task) {
    if (isHere(context)) {
      dispatch(context, task);
    } else {
      context.runOnContext(v -> task.run());
    }
  }
}
