// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on sockets of Vert.x, written for this comparison: a stack of connections that live on,
 * a timer for each call, and nothing else. It trusts the server to answer with a length, and its
 * request never changes.
 */
final class HttpSocketLoad implements Load {

  private static final String LENGTH = "content-length: ";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final Deque<Connection> idle = new ArrayDeque<>();
  private final int port;
  private final Buffer body;
  private final String head;
  // Kept here, as Vert.x closes the sockets of a client that was garbage collected.
  private final NetClient client;

  HttpSocketLoad(int port, int size) {
    this.port = port;
    this.body = Buffer.buffer(new byte[size]);
    this.head =
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\nContent-Type: application/octet-stream\r\nContent-Length: "
            + size
            + "\r\n\r\n";
    this.client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
  }

  @Override
  public String options() {
    return "deadline scheduled; no bound, no selection, no retries, no checks";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    Connection free = idle.poll();
    if (free != null) {
      free.call(done);
      return;
    }
    client
        .connect(port, "127.0.0.1")
        .onComplete(socket -> new Connection(socket).call(done), done::accept);
  }

  /** One connection, which carries one call at a time. */
  private final class Connection {
    private final NetSocket socket;
    private @Nullable Consumer<@Nullable Throwable> done;
    private Buffer come = Buffer.buffer();
    private long timer;

    Connection(NetSocket socket) {
      this.socket = socket;
      socket.handler(this::read);
      socket.closeHandler(v -> end(new IllegalStateException("the socket was closed")));
    }

    void call(Consumer<@Nullable Throwable> caller) {
      done = caller;
      timer =
          vertx.setTimer(
              TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS),
              fired -> end(new IllegalStateException("no reply")));
      socket.write(
          Buffer.buffer(head.length() + body.length()).appendString(head).appendBuffer(body));
    }

    private void read(Buffer bytes) {
      come = come.length() == 0 ? bytes : come.appendBuffer(bytes);
      int end = endOfHead();
      if (end < 0) {
        return;
      }
      String answer = come.getString(0, end).toLowerCase(Locale.ROOT);
      int at = answer.indexOf(LENGTH) + LENGTH.length();
      int length = Integer.parseInt(answer.substring(at, answer.indexOf('\r', at)));
      if (come.length() < end + length) {
        return;
      }
      Buffer reply = come.slice(end, end + length);
      come = Buffer.buffer();
      vertx.cancelTimer(timer);
      boolean right = answer.startsWith("http/1.1 200 ") && reply.length() == body.length();
      idle.push(this);
      end(right ? null : new IllegalStateException("reply of " + reply.length()));
    }

    private int endOfHead() {
      for (int i = 3; i < come.length(); i++) {
        if (come.getByte(i) == '\n' && come.getByte(i - 2) == '\n') {
          return i + 1;
        }
      }
      return -1;
    }

    private void end(@Nullable Throwable failure) {
      Consumer<@Nullable Throwable> caller = done;
      done = null;
      if (caller != null) {
        caller.accept(failure);
      }
    }
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
