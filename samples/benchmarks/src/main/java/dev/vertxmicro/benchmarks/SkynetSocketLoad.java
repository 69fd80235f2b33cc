// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.runtime.skynet.LuaSeri;
import dev.vertxmicro.runtime.skynet.LuaString;
import dev.vertxmicro.runtime.skynet.LuaValues;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * skynet's protocol on a socket of Vert.x, written for this comparison: one connection, a table of
 * sessions, a timer for each call, lua-seri, and nothing else. It trusts the node.
 */
final class SkynetSocketLoad implements Load {

  private static final int PART = 0x8000;
  private static final byte[] NAME = {'@', 'e', 'c', 'h', 'o'};

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final Map<Integer, Call> calls = new HashMap<>();
  private final int size;
  private final LuaValues arguments;
  // Kept here, as Vert.x closes the sockets of a client that was garbage collected.
  private final NetClient client;
  private final NetSocket socket;
  private Buffer rest = Buffer.buffer();
  private int session;

  private static final class Call {
    final Consumer<@Nullable Throwable> done;
    final long timer;
    Buffer parts = Buffer.buffer();

    Call(Consumer<@Nullable Throwable> done, long timer) {
      this.done = done;
      this.timer = timer;
    }
  }

  SkynetSocketLoad(int port, int size) {
    this.size = size;
    this.arguments = LuaValues.of(LuaString.of(new byte[size]));
    this.client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
    this.socket = client.connect(port, "127.0.0.1").await();
    execute(
        () -> {
          socket.handler(this::read);
          socket.closeHandler(v -> closed());
        });
  }

  private void closed() {
    List<Call> open = List.copyOf(calls.values());
    calls.clear();
    open.forEach(call -> call.done.accept(new IllegalStateException("the socket was closed")));
  }

  @Override
  public String options() {
    return "deadline scheduled; no selection, no retries, no checks";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    int number = ++session;
    long timer =
        vertx.setTimer(
            TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS),
            fired -> done.accept(new IllegalStateException("no reply")));
    calls.put(number, new Call(done, timer));
    socket.write(frames(number, LuaSeri.pack(arguments)));
  }

  private static Buffer frames(int number, Buffer body) {
    int length = body.length();
    if (length < PART) {
      return head(0x80, 4 + length, length).appendIntLE(number).appendBuffer(body);
    }
    Buffer frames = head(0x81, 8, length + 64).appendIntLE(number).appendIntLE(length);
    for (int from = 0; from < length; from += PART) {
      int part = Math.min(PART, length - from);
      frames
          .appendUnsignedShort(5 + part)
          .appendByte((byte) (from + part == length ? 3 : 2))
          .appendIntLE(number)
          .appendBuffer(body, from, part);
    }
    return frames;
  }

  private static Buffer head(int type, int more, int room) {
    return Buffer.buffer(16 + room)
        .appendUnsignedShort(2 + NAME.length + more)
        .appendByte((byte) type)
        .appendByte((byte) NAME.length)
        .appendBytes(NAME);
  }

  private void read(Buffer bytes) {
    Buffer all = rest.length() == 0 ? bytes : rest.appendBuffer(bytes);
    int at = 0;
    while (all.length() - at >= 2 && all.length() - at - 2 >= all.getUnsignedShort(at)) {
      int end = at + 2 + all.getUnsignedShort(at);
      frame(all, at + 2, end);
      at = end;
    }
    rest = at == all.length() ? Buffer.buffer() : all.getBuffer(at, all.length());
  }

  private void frame(Buffer bytes, int from, int to) {
    int number = bytes.getIntLE(from);
    int kind = bytes.getByte(from + 4);
    Call call = calls.get(number);
    if (call == null || kind == 2) {
      return;
    }
    if (kind == 3 || kind == 4) {
      call.parts.appendBuffer(bytes, from + 5, to - from - 5);
    }
    if (kind != 3) {
      Buffer body = kind == 4 ? call.parts : bytes.getBuffer(from + 5, to);
      calls.remove(number);
      vertx.cancelTimer(call.timer);
      boolean right =
          LuaSeri.unpack(body).get(0) instanceof LuaString echo && echo.length() == size;
      call.done.accept(right ? null : new IllegalStateException("reply of kind " + kind));
    }
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
