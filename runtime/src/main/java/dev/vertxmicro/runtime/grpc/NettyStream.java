// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.http2.ClientConnection;
import dev.vertxmicro.runtime.http2.ClientStream;
import dev.vertxmicro.runtime.http2.OutgoingData;
import dev.vertxmicro.runtime.http2.SocketPipeline;
import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.netty.buffer.ByteBuf;
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
    if (open(null)) {
      wire.write(this, new WholeRequest(message));
    }
  }

  /** Opens the stream; false if it has failed, which the exchange then knows. */
  private boolean open(@Nullable Departure left) {
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
    Head left = new Head();
    open(left);
    return left.told.future();
  }

  @Override
  public boolean takesMessagesAtOnce() {
    return true;
  }

  @Override
  public Future<Void> write(Buffer message) {
    Part left = new Part(message);
    wire.write(this, left);
    return left.told.future();
  }

  @Override
  public Future<Void> end() {
    End left = new End();
    wire.write(this, left);
    return left.told.future();
  }

  @Override
  public void reset(long code) {
    wire.reset(this, code);
  }

  /** The one message of a unary call. */
  private final class WholeRequest extends OutgoingMessage {

    WholeRequest(Buffer body) {
      super(body, exchange.isCompressed(), true);
    }

    @Override
    public void left(@Nullable Throwable failure) {
      if (failure == null) {
        exchange.written(null);
      } else {
        dispatch(() -> exchange.written(reasonOf(failure)));
      }
    }
  }

  /** The head of a stream. */
  private final class Head extends Departure {
    final Promise<Void> told = Promise.promise();

    @Override
    public void left(@Nullable Throwable failure) {
      tell(told, failure);
    }
  }

  /** One message of a stream. */
  private final class Part extends OutgoingMessage {
    final Promise<Void> told = Promise.promise();

    Part(Buffer body) {
      super(body, false, false);
    }

    @Override
    public void left(@Nullable Throwable failure) {
      tell(told, failure);
    }
  }

  /** The end of our side of a stream. */
  private final class End extends OutgoingData {
    final Promise<Void> told = Promise.promise();

    End() {
      super(0, true);
    }

    @Override
    protected void copy(int from, int count, ByteBuf to) {
      // There is nothing but the end.
    }

    @Override
    public void left(@Nullable Throwable failure) {
      tell(told, failure);
    }
  }

  private void tell(Promise<Void> told, @Nullable Throwable failure) {
    dispatch(
        () -> {
          if (failure == null) {
            told.complete();
          } else {
            told.fail(reasonOf(failure));
          }
        });
  }

  /** What the peer has done to the stream explains more than that a write came to nothing. */
  private Throwable reasonOf(Throwable failure) {
    Throwable known = failure();
    return known == null ? failure : known;
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
