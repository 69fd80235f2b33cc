// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket of Vert.x. Puts fragments together itself, as bytes and with a bound: Vert.x makes
 * texts of them, which the codec would have to turn into bytes again.
 */
final class VertxWire implements Wire {

  private static final Buffer PING = Buffer.buffer();

  private final WebSocket socket;
  private final int mostBytes;
  private @Nullable TextFrames texts;
  private @Nullable Buffer parts;
  private boolean binary;
  private boolean deaf;
  private @Nullable Throwable broken;

  private VertxWire(WebSocket socket, int mostBytes) {
    this.socket = socket;
    this.mostBytes = mostBytes;
  }

  /** Returns what opens WebSockets on one event loop; called as its context. */
  static Dialer dialer(Vertx vertx, WebSocketOptions options) {
    WebSocketClient client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxConnections(Integer.MAX_VALUE)
                .setMaxFrameSize(options.getMaxMessageBytes())
                .setMaxMessageSize(options.getMaxMessageBytes())
                .setClosingTimeout(-1) // The connection has a timer of its own.
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true));
    return new Dialer() {
      @Override
      public Future<Wire> dial(NodeUrl target) {
        try {
          return client
              .connect(connectOptions(target, options))
              .map(socket -> new VertxWire(socket, options.getMaxMessageBytes()));
        } catch (RuntimeException badOptions) {
          return Future.failedFuture(badOptions);
        }
      }

      @Override
      public Future<Void> close() {
        return client.close();
      }
    };
  }

  private static WebSocketConnectOptions connectOptions(NodeUrl target, WebSocketOptions options) {
    WebSocketConnectOptions to = new WebSocketConnectOptions();
    to.setHost(target.address().host()).setPort(target.address().port()).setURI(target.path());
    boolean tls = options.isTls(target);
    to.setSsl(tls);
    if (tls) {
      to.setSslOptions(options.tls());
    }
    return to;
  }

  @Override
  public void start(Listener listener, int mostUnwritten) {
    socket
        .frameHandler(frame -> frame(listener, frame))
        .exceptionHandler(failure -> broken = failure)
        .closeHandler(v -> closed(listener));
    socket.setWriteQueueMaxSize(mostUnwritten);
    TextFrames entering = new TextFrames(mostBytes, listener::drained);
    entering.enter(EventLoops.handlerOf(socket).pipeline());
    texts = entering;
  }

  private void closed(Listener listener) {
    deaf = true;
    parts = null;
    listener.closed(broken);
  }

  private void frame(Listener listener, WebSocketFrame frame) {
    if (deaf) {
      return;
    }
    listener.heard();
    switch (frame.type()) {
      case TEXT, BINARY -> {
        binary = frame.isBinary();
        part(listener, frame, null);
      }
      case CONTINUATION -> part(listener, frame, parts);
      case CLOSE -> {
        deaf = true;
        String reason = frame.closeReason();
        listener.leaving(
            "closed by the peer, "
                + frame.closeStatusCode()
                + (reason == null ? "" : " " + reason));
      }
      default -> {}
    }
  }

  private void part(Listener listener, WebSocketFrame frame, @Nullable Buffer before) {
    Buffer bytes = frame.binaryData();
    long length = (before == null ? 0L : before.length()) + bytes.length();
    if (length > mostBytes) {
      parts = null;
      deaf = true;
      listener.tooLarge();
    } else if (!frame.isFinal()) {
      parts = (before == null ? Buffer.buffer() : before).appendBuffer(bytes);
    } else {
      parts = null;
      if (binary) {
        listener.binary();
      } else {
        listener.text(before == null ? bytes : before.appendBuffer(bytes));
      }
    }
  }

  @Override
  public void write(RequestText text, long id, Departure departure) {
    TextFrames open = texts;
    if (open == null || !isOpen()) {
      departure.left(new ClosedChannelException());
    } else {
      open.write(text, id, departure);
    }
  }

  @Override
  public void ping() {
    socket.writePing(PING);
  }

  @Override
  public boolean isFull() {
    return texts != null && texts.isFull();
  }

  @Override
  public boolean isOpen() {
    return !deaf && !socket.isClosed() && EventLoops.isOpen(socket);
  }

  @Override
  public void close() {
    socket.close();
  }

  @Override
  public void cut() {
    EventLoops.reset(socket);
  }
}
