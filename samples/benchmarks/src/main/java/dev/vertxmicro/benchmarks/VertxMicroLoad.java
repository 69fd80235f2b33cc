// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This runtime with everything on: registry, selector, plan, deadline, retries, budget, pool. */
final class VertxMicroLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final Request<BytesValue, BytesValue> request;

  private VertxMicroLoad(int port, GrpcEngine engine, String service, String endpoint) {
    request = Request.of(service, endpoint, Load.payload(), BytesValue.class);
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    Node node = Node.builder(service + "-1", "127.0.0.1:" + port).protocol("grpc").build();
    registry.register(Service.builder(service).node(node).build(), RegisterOptions.FOR_EVER);
    client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withTransport(new GrpcTransports(new GrpcOptions().setEngine(engine)))
            .build();
  }

  /** Calls {@link EchoServer}. */
  static VertxMicroLoad ofEcho(int port, GrpcEngine engine) {
    return new VertxMicroLoad(port, engine, "echo", PATH);
  }

  /** Calls a greeter of go-micro, whose echo has the bytes of a BytesValue as messages. */
  static VertxMicroLoad ofGreeter(int port, GrpcEngine engine) {
    return new VertxMicroLoad(port, engine, "greeter", "Greeter.Echo");
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
    client.call(request).onComplete(reply -> Load.check(reply, done), done::accept);
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
