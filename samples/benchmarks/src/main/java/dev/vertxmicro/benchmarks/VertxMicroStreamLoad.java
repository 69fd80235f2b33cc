// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/** A stream of this runtime with everything on. */
final class VertxMicroStreamLoad extends StreamLoad {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final RpcClient client;
  private final RpcStream<BytesValue, BytesValue> stream;

  VertxMicroStreamLoad(int port, int bytes) {
    super(bytes);
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    Node node = Node.builder("echo-1", "127.0.0.1:" + port).protocol("grpc").build();
    registry.register(Service.builder("echo").node(node).build(), RegisterOptions.FOR_EVER);
    client = RpcClient.builder(vertx).withRegistry(registry).build();
    Request<BytesValue, BytesValue> request =
        Request.stream("echo", STREAM_PATH, BytesValue.class, BytesValue.class);
    stream = Opening.await(context, () -> client.stream(request));
    context.runOnContext(
        here -> stream.handler(this::echoed).exceptionHandler(this::failed).resume());
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
  void write() {
    stream.write(message);
  }

  @Override
  public void close() {
    stream.cancel("over");
    client.close().onComplete(closed -> vertx.close());
  }
}
