// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.FlakyProxy.Cut;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a proxied connection: reads from one end, writes to the other, and follows the
 * proxy's orders in between. Event loop only.
 */
final class ProxyPipe extends ChannelInboundHandlerAdapter {
  private static final int MOST_QUEUED = 1 << 20;

  /** A chunk on its way, or the end of the direction if it has no bytes. */
  private static final class Chunk {
    private final @Nullable Buffer bytes;
    private boolean due;

    Chunk(@Nullable Buffer bytes) {
      this.bytes = bytes;
    }
  }

  private final ProxyLink link;
  private final int index;
  private final Direction direction;
  private final WireTap tap;
  private final Deque<Chunk> queue = new ArrayDeque<>();
  private int queued;
  private Duration delay = Duration.ZERO;
  private boolean started;
  private boolean stalled;
  private boolean silent;
  private boolean ended;
  private long untilCut = Long.MAX_VALUE;
  private Cut cut = Cut.FIN;

  ProxyPipe(ProxyLink link, int index, Direction direction, WireTap tap) {
    this.link = link;
    this.index = index;
    this.direction = direction;
    this.tap = tap;
  }

  // orders

  void start() {
    started = true;
    readOrNot();
  }

  void delay(Duration delay) {
    this.delay = delay;
  }

  void stall() {
    stalled = true;
    readOrNot();
  }

  void resume() {
    stalled = false;
    forward();
  }

  /** Throws away what is queued and what will come. */
  void swallow() {
    silence();
    readOrNot();
  }

  void silence() {
    silent = true;
    queue.clear();
    queued = 0;
  }

  void cutAfter(long bytes, Cut how) {
    untilCut = bytes;
    cut = how;
  }

  // events of the end that we read from

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf read = (ByteBuf) message;
    Buffer bytes = Buffer.buffer(ByteBufUtil.getBytes(read));
    read.release();
    tap.bytes(index, direction, bytes);
    if (!silent) {
      queued += bytes.length();
      enqueue(new Chunk(bytes));
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      end();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
  }

  /** The end that this pipe reads from takes bytes again: the other pipe may read on. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Direction back = direction == Direction.TO_SERVER ? Direction.TO_CLIENT : Direction.TO_SERVER;
    link.pipe(back).readOrNot();
  }

  /** A reset is passed on as one; anything else is a fault of the proxy. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      tap.fail(cause);
    }
    if (!silent) {
      link.cut(Cut.RST);
    }
    end();
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    tap.event(index, direction, Tapped.Event.ENDED);
    if (!silent) {
      enqueue(new Chunk(null));
    }
    link.closeIfDone(link.from(direction));
  }

  // the way through

  private void enqueue(Chunk chunk) {
    queue.add(chunk);
    if (delay.isZero()) {
      chunk.due = true;
      forward();
    } else {
      Runnable later =
          () -> {
            chunk.due = true;
            forward();
          };
      link.from(direction).eventLoop().schedule(later, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void forward() {
    for (Chunk next = queue.peek(); next != null && next.due && !stalled; next = queue.peek()) {
      queue.remove();
      if (next.bytes == null) {
        link.finish(link.to(direction));
      } else {
        queued -= next.bytes.length();
        write(next.bytes);
      }
    }
    readOrNot();
  }

  private void write(Buffer bytes) {
    int length = (int) Math.min(bytes.length(), untilCut);
    untilCut -= length;
    link.to(direction).writeAndFlush(Unpooled.wrappedBuffer(bytes.getBytes(0, length)));
    if (untilCut == 0) {
      link.cut(cut);
    }
  }

  /** A channel that is closed, which may be before its last bytes are forwarded, reads no more. */
  private void readOrNot() {
    if (!link.from(direction).isOpen() || !link.from(direction).isRegistered()) {
      return;
    }
    boolean room = silent || (link.to(direction).isWritable() && queued < MOST_QUEUED);
    link.from(direction).config().setAutoRead(started && !stalled && room);
  }
}
