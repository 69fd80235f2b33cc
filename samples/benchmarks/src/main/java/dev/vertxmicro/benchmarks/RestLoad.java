// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.rest.RestBody;
import dev.vertxmicro.runtime.rest.RestRequest;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This runtime with everything on, calling a REST service. */
final class RestLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final int size;
  private final Request<RestBody, Buffer> request;

  RestLoad(int port, int size) {
    this.size = size;
    request =
        RestRequest.post("/echo")
            .body(RestBody.bytes(Buffer.buffer(new byte[size])))
            .to("echo", Buffer.class);
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol("rest"))
            .withRegistry(StaticRegistry.of("echo", "127.0.0.1:" + port))
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

  private void check(Buffer reply, Consumer<@Nullable Throwable> done) {
    boolean right = reply.length() == size;
    done.accept(right ? null : new IllegalStateException("reply of " + reply.length()));
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
