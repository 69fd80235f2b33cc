// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that leave together. What a subclass writes is collected, one message behind the other, in
 * one piece of memory, which goes to the socket as one write at the next flush. By itself each
 * message would cost a buffer or two, a view of each for the socket, and a promise.
 *
 * <p>What others write passes here: what was collected before goes on before it, so that the order
 * stays.
 *
 * <p><b>What has left.</b> A socket may take a part of a batch and no more. What ends before that
 * point has left, and a peer may have acted; what ends behind it has not. The channel reports how
 * far it has come, {@link ChannelProgressiveFuture}. TLS does not pass that on: there each
 * departure ends a batch.
 *
 * <p>Stands between the socket and its codec in the pipeline; belongs to its event loop.
 */
public abstract class WriteBatch extends ChannelDuplexHandler {

  /** Room for the messages of a usual turn, and for one whose size is not known before. */
  private static final int ROOM = 8 * 1024;

  /** As much is passed on, so that the channel knows how much waits in it. */
  private static final int FULL = 32 * 1024;

  private boolean endsWithDeparture;
  private @Nullable ChannelHandlerContext context;

  private @Nullable ByteBuf bytes;
  private @Nullable Departure first;
  private @Nullable Departure latest;

  /** Starts empty. */
  protected WriteBatch() {}

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    endsWithDeparture = ctx.pipeline().get(SslHandler.class) != null;
  }

  /** Returns where to add {@code more} bytes, behind all others. */
  protected final ByteBuf room(int more) {
    if (bytes != null && bytes.isReadable() && bytes.readableBytes() + more > FULL) {
      passOn();
    }
    ByteBuf to = bytes;
    if (to == null) {
      to = context().alloc().directBuffer(Math.max(ROOM, more));
      bytes = to;
    }
    return to;
  }

  /** Tells {@code departure} when everything that was added until now has left, or cannot. */
  public final void tell(Departure departure) {
    if (bytes == null) {
      throw new IllegalStateException("nothing was added that could leave");
    }
    departure.end = bytes.readableBytes();
    if (latest == null) {
      first = departure;
    } else {
      latest.next = departure;
    }
    latest = departure;
    if (endsWithDeparture) {
      passOn();
    }
  }

  /** What was collected is about to go: what comes next begins anew. */
  protected void ended() {}

  // ---- what passes

  @Override
  public final void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    passOn();
    ctx.write(message, promise);
  }

  @Override
  public final void flush(ChannelHandlerContext ctx) {
    passOn();
    ctx.flush();
  }

  private void passOn() {
    ByteBuf full = bytes;
    if (full == null || !full.isReadable()) {
      return;
    }
    Departure waiting = first;
    forget();
    ChannelHandlerContext ctx = context();
    if (waiting == null) {
      ctx.write(full, ctx.voidPromise());
    } else {
      ctx.write(full, ctx.newProgressivePromise().addListener(new Leaving(waiting)));
    }
  }

  private void forget() {
    bytes = null;
    first = null;
    latest = null;
    ended();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    drop(new IOException("the connection was closed"));
  }

  /** Lets go of what has not been passed on: the channel is gone. */
  public final void drop(Throwable cause) {
    ByteBuf lost = bytes;
    Departure waiting = first;
    forget();
    if (lost != null) {
      lost.release();
    }
    for (Departure departure = waiting; departure != null; departure = departure.next) {
      departure.left(cause);
    }
  }

  /** Returns its place in the pipeline; it must have one. */
  protected final ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("the batch is in no pipeline");
    }
    return known;
  }

  /** Tells, as a batch leaves, who has waited for it. */
  private static final class Leaving implements ChannelProgressiveFutureListener {

    private @Nullable Departure next;

    Leaving(Departure first) {
      this.next = first;
    }

    @Override
    public void operationProgressed(ChannelProgressiveFuture batch, long progress, long total) {
      while (next != null && next.end <= progress) {
        left(null);
      }
    }

    @Override
    public void operationComplete(ChannelProgressiveFuture batch) {
      while (next != null) {
        left(batch.cause());
      }
    }

    private void left(@Nullable Throwable failure) {
      Departure departure = next;
      if (departure != null) {
        next = departure.next;
        departure.next = null;
        departure.left(failure);
      }
    }
  }
}
