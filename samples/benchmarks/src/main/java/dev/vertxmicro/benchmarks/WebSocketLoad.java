// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This runtime with everything on, calling over a WebSocket. */
final class WebSocketLoad implements Load {

  /** What is sent, and comes back. */
  record Text(String text) {}

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final int size;
  private final Request<Text, Text> request;

  WebSocketLoad(int port, int size) {
    this.size = size;
    request = Request.of("echo", "Echo.echo", new Text("x".repeat(size)), Text.class);
    Node node =
        Node.builder("echo-1", "ws://127.0.0.1:" + port + "/").protocol("websocket").build();
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol("websocket"))
            .withRegistry(StaticRegistry.of(Service.builder("echo").node(node).build()))
            .build();
  }

  @Override
  public String options() {
    return client.options().toString();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    client.call(request).onComplete(reply -> check(reply, done), done::accept);
  }

  private void check(Text reply, Consumer<@Nullable Throwable> done) {
    int length = reply.text().length();
    done.accept(length == size ? null : new IllegalStateException("reply of " + length));
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
