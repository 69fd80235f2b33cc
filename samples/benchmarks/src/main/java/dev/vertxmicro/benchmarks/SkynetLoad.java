// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.skynet.LuaString;
import dev.vertxmicro.runtime.skynet.SkynetNodes;
import dev.vertxmicro.runtime.skynet.SkynetOptions;
import dev.vertxmicro.runtime.skynet.SkynetTransports;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This runtime with everything on, calling a node of skynet. */
final class SkynetLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final int size;
  private final Request<LuaString, LuaString> request;

  SkynetLoad(int port, int size) {
    this.size = size;
    request = Request.of("node", "@echo", LuaString.of(new byte[size]), LuaString.class);
    SkynetNodes nodes = SkynetNodes.create(vertx);
    nodes.put("node", "127.0.0.1:" + port);
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol("skynet"))
            .withRegistry(nodes)
            .withTransport(new SkynetTransports(new SkynetOptions(), nodes))
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

  private void check(LuaString reply, Consumer<@Nullable Throwable> done) {
    boolean right = reply.length() == size;
    done.accept(right ? null : new IllegalStateException("reply of " + reply.length()));
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
