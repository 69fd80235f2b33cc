// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The same protocol on a WebSocket of Vert.x, written for this comparison: one connection, a table
 * of ids, a timer for each call, JSON of Vert.x, and nothing else. It trusts the peer.
 */
final class WebSocketBareLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final Map<String, Call> calls = new HashMap<>();
  private final int size;
  private final String text;

  /** Held on to: Vert.x closes a client that nobody holds, and its sockets with it. */
  private final WebSocketClient client;

  private final WebSocket socket;
  private long lastId;

  private record Call(Consumer<@Nullable Throwable> done, long timer) {}

  WebSocketBareLoad(int port, int size) {
    this.size = size;
    this.text = "x".repeat(size);
    this.client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setTcpNoDelay(true)
                .setMaxFrameSize(WebSocketEcho.MOST_BYTES)
                .setMaxMessageSize(WebSocketEcho.MOST_BYTES));
    this.socket =
        client
            .connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(port).setURI("/"))
            .await();
    execute(() -> socket.textMessageHandler(this::read));
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
    String id = String.valueOf(++lastId);
    long timer =
        vertx.setTimer(
            TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS),
            fired -> done.accept(new IllegalStateException("no reply")));
    calls.put(id, new Call(done, timer));
    JsonObject request = new JsonObject().put("op_id", id).put("action", "echo").put("text", text);
    socket.writeTextMessage(request.encode());
  }

  private void read(String message) {
    JsonObject reply = new JsonObject(message);
    Call call = calls.remove(reply.getString("op_id"));
    if (call != null) {
      vertx.cancelTimer(call.timer);
      int length = reply.getString("text").length();
      call.done.accept(length == size ? null : new IllegalStateException("reply of " + length));
    }
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
