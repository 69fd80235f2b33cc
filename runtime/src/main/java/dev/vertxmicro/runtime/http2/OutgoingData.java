// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import dev.vertxmicro.runtime.pooling.Departure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2RemoteFlowController.FlowControlled;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Data of one stream on its way out. It waits in the codec's flow controller until the windows and
 * the socket have room, and is copied into the frames that leave then, not before: its owner does
 * not change the bytes until it has {@link #left}.
 */
public abstract class OutgoingData extends Departure implements FlowControlled {

  private final int length;
  private final boolean last;
  private int framed;
  private @Nullable ClientConnection connection;
  private @Nullable Http2Stream stream;

  /**
   * For subclasses.
   *
   * @param length how many bytes it has; none only if it is the last
   * @param last whether it ends our side of the stream
   */
  protected OutgoingData(int length, boolean last) {
    this.length = length;
    this.last = last;
  }

  /**
   * Copies some of the bytes.
   *
   * @param from the first of them
   * @param count how many, within {@code length}
   * @param to has room for them
   */
  protected abstract void copy(int from, int count, ByteBuf to);

  /** It is about to wait in the flow controller of {@code connection}. */
  final void on(ClientConnection connection, Http2Stream stream) {
    this.connection = connection;
    this.stream = stream;
  }

  // ---- for the flow controller

  @Override
  public final int size() {
    return length - framed;
  }

  @Override
  public final void write(ChannelHandlerContext ctx, int allowedBytes) {
    if (connection == null || stream == null) {
      throw new IllegalStateException("written before it was on a connection");
    }
    int count = Math.min(allowedBytes, size());
    boolean whole = count == size();
    connection.frames().data(stream.id(), this, framed, count, last && whole);
    framed += count;
    if (whole) {
      connection.frames().tell(this);
    }
  }

  @Override
  public final void writeComplete() {
    if (last && connection != null && stream != null) {
      connection.endedByUs(stream);
    }
  }

  /** The stream was closed before, or writing went wrong, which ends the stream. */
  @Override
  public final void error(ChannelHandlerContext ctx, Throwable cause) {
    left(cause);
    if (connection != null && stream != null && stream.state() != Http2Stream.State.CLOSED) {
      connection.onError(ctx, true, cause);
    }
  }

  /** Frames are put together where they are written, see {@link FrameBatch}. */
  @Override
  public final boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
    return false;
  }
}
