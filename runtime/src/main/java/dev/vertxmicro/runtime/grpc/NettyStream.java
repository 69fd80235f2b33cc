// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.http2.ClientConnection;
import dev.vertxmicro.runtime.http2.ClientStream;
import dev.vertxmicro.runtime.http2.SocketPipeline;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A stream of an own connection. What comes is told as the exchange's caller. */
final class NettyStream extends ClientStream implements WireStream {

  private final ClientConnection wire;
  private final PooledExchange exchange;
  private final Http2Headers head;
  private boolean paused;
  private int unconsumed;

  NettyStream(ClientConnection wire, PooledExchange exchange, Http2Headers head) {
    this.wire = wire;
    this.exchange = exchange;
    this.head = head;
  }

  // ---- out

  @Override
  public void writeWhole(Buffer message) {
    if (open(wire.newPromise())) {
      ChannelPromise left = wire.newPromise();
      left.addListener((ChannelFutureListener) this::wholeLeft);
      wire.write(this, frame(message, exchange.isCompressed()), true, left);
    }
  }

  private void wholeLeft(ChannelFuture left) {
    if (left.isSuccess()) {
      exchange.written(null);
    } else {
      dispatch(() -> exchange.written(reasonOf(left)));
    }
  }

  /** Opens the stream; false if it has failed, which the exchange then knows. */
  private boolean open(ChannelPromise left) {
    try {
      wire.open(this, head, left);
    } catch (Http2Exception noStream) {
      exchange.failed(noStream);
      return false;
    }
    return !isOver();
  }

  @Override
  public Future<Void> writeHead() {
    ChannelPromise left = wire.newPromise();
    Future<Void> told = future(left);
    open(left);
    return told;
  }

  @Override
  public boolean takesMessagesAtOnce() {
    return true;
  }

  @Override
  public Future<Void> write(Buffer message) {
    ChannelPromise left = wire.newPromise();
    Future<Void> told = future(left);
    wire.write(this, frame(message, false), false, left);
    return told;
  }

  @Override
  public Future<Void> end() {
    ChannelPromise left = wire.newPromise();
    Future<Void> told = future(left);
    wire.write(this, Unpooled.EMPTY_BUFFER, true, left);
    return told;
  }

  @Override
  public void reset(long code) {
    wire.reset(this, code);
  }

  private ByteBuf frame(Buffer message, boolean compressed) {
    int length = message.length();
    return wire.alloc()
        .directBuffer(MessageFrame.PREFIX + length)
        .writeByte(compressed ? 1 : 0)
        .writeInt(length)
        .writeBytes(SocketPipeline.bytes(message), 0, length);
  }

  private Future<Void> future(ChannelPromise left) {
    Promise<Void> told = Promise.promise();
    left.addListener(
        (ChannelFutureListener)
            done ->
                dispatch(
                    () -> {
                      if (done.isSuccess()) {
                        told.complete();
                      } else {
                        told.fail(reasonOf(done));
                      }
                    }));
    return told.future();
  }

  /** What the peer has done to the stream explains more than that a write came to nothing. */
  private Throwable reasonOf(ChannelFuture failed) {
    Throwable known = failure();
    return known == null ? failed.cause() : known;
  }

  // ---- in

  @Override
  protected void head(Http2Headers headers) {
    dispatch(() -> exchange.head(new ReplyHead(statusOf(headers), new NettyHeaders(headers))));
  }

  /** Returns the HTTP status, or 0 if it is none. */
  private static int statusOf(Http2Headers headers) {
    CharSequence status = headers.status();
    int number = 0;
    for (int i = 0; i < status.length(); i++) {
      char c = status.charAt(i);
      if (c < '0' || c > '9' || i == 3) {
        return 0;
      }
      number = number * 10 + c - '0';
    }
    return number;
  }

  @Override
  protected int data(ByteBuf data) {
    int length = data.readableBytes();
    Buffer chunk = SocketPipeline.copy(data);
    dispatch(() -> exchange.chunk(chunk));
    if (paused) {
      unconsumed += length;
      return 0;
    }
    return length;
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    int all = unconsumed;
    unconsumed = 0;
    wire.consumed(this, all);
  }

  @Override
  protected void ended(@Nullable Http2Headers trailers) {
    dispatch(
        () -> exchange.ended(trailers == null ? ReplyHeaders.NONE : new NettyHeaders(trailers)));
  }

  @Override
  protected void failed(Throwable cause) {
    dispatch(() -> exchange.failed(cause));
  }

  private void dispatch(Runnable task) {
    EventLoops.dispatch(exchange.caller(), task);
  }
}
