// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This runtime with everything on: registry, selector, plan, deadline, retries, budget, pool. */
final class VertxMicroLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final BytesValue payload;
  private final Request<BytesValue, BytesValue> request;

  private VertxMicroLoad(Setup setup, GrpcEngine engine, String service, String endpoint) {
    payload = Load.payload(setup.payloadBytes());
    request = Request.of(service, endpoint, payload, BytesValue.class);
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    Node node =
        Node.builder(service + "-1", "127.0.0.1:" + setup.serverPort()).protocol("grpc").build();
    GrpcOptions grpc =
        new GrpcOptions().setEngine(engine).setMaxStreamsPerConnection(setup.streams());
    if (setup.tls()) {
      grpc.setSsl(new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm(""));
    }
    registry.register(Service.builder(service).node(node).build(), RegisterOptions.FOR_EVER);
    client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withTransport(new GrpcTransports(grpc))
            .with(ClientOption.poolSize(setup.connections()))
            .build();
  }

  /** Calls {@link LightServer}. */
  static VertxMicroLoad ofEcho(Setup setup, GrpcEngine engine) {
    return new VertxMicroLoad(setup, engine, "echo", PATH);
  }

  /** Calls a greeter of go-micro, whose echo has the bytes of a BytesValue as messages. */
  static VertxMicroLoad ofGreeter(Setup setup, GrpcEngine engine) {
    return new VertxMicroLoad(setup, engine, "greeter", "Greeter.Echo");
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
    client.call(request).onComplete(reply -> Load.check(reply, payload, done), done::accept);
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
