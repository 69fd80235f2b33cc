// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** vertx-grpc-client as it is: what the runtime must not cost much more than. */
final class VertxGrpcLoad implements Load {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final GrpcClient client =
      GrpcClient.client(
          vertx,
          new GrpcClientOptions()
              .setScheduleDeadlineAutomatically(true)
              .setTimeout(DEADLINE_SECONDS)
              .setTimeoutUnit(TimeUnit.SECONDS));
  private final SocketAddress server;
  private final ServiceMethod<BytesValue, BytesValue> method =
      ServiceMethod.client(
          ServiceName.create("bench", "Echo"),
          "Echo",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(BytesValue.newBuilder()));
  private final BytesValue payload = Load.payload();

  VertxGrpcLoad(int port) {
    server = SocketAddress.inetSocketAddress(port, "127.0.0.1");
  }

  @Override
  public String options() {
    return "deadline scheduled; no selection, no retries; pool and windows of Vert.x' defaults";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    client.request(server, method).onComplete(request -> send(request, done), done::accept);
  }

  private void send(
      GrpcClientRequest<BytesValue, BytesValue> request, Consumer<@Nullable Throwable> done) {
    request.end(payload);
    request
        .response()
        .onComplete(
            response -> response.last().onComplete(reply -> Load.check(reply, done), done::accept),
            done::accept);
  }

  @Override
  public void close() {
    vertx.close();
  }
}
