// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;

/** A stream of vertx-grpc-client as it is. */
final class VertxGrpcStreamLoad extends StreamLoad {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();

  /** Kept: a client that nobody refers to any more is closed, and its streams with it. */
  private final GrpcClient client;

  private final GrpcClientRequest<BytesValue, BytesValue> request;

  VertxGrpcStreamLoad(int port, int bytes) {
    super(bytes);
    client =
        GrpcClient.client(
            vertx,
            new GrpcClientOptions().setMaxMessageSize(4 << 20),
            new HttpClientOptions()
                .setHttp2ClearTextUpgrade(false)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ConnectionWindowSize(GrpcOptions.DEFAULT_WINDOW_BYTES)
                .setInitialSettings(
                    new Http2Settings().setInitialWindowSize(GrpcOptions.DEFAULT_WINDOW_BYTES)));
    SocketAddress server = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    ServiceMethod<BytesValue, BytesValue> method =
        ServiceMethod.client(
            ServiceName.create("bench", "Echo"),
            "Stream",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(BytesValue.newBuilder()));
    request =
        Opening.await(
            context,
            () ->
                client
                    .request(server, method)
                    .onSuccess(
                        opened ->
                            opened
                                .response()
                                .onSuccess(
                                    response ->
                                        response
                                            .handler(this::echoed)
                                            .exceptionHandler(this::failed))
                                .onFailure(this::failed)));
  }

  @Override
  public String options() {
    return "no deadline, no selection, no retries; the windows of vertx-micro";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  void write() {
    request.write(message);
  }

  @Override
  public void close() {
    request.cancel();
    client.close();
    vertx.close();
  }
}
