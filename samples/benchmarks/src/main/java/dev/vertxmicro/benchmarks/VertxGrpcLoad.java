// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** vertx-grpc-client as it is: what the runtime must not cost much more than. */
final class VertxGrpcLoad implements Load {

  private static final int WINDOW = 1 << 20;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final List<GrpcClient> clients = new ArrayList<>();
  private final SocketAddress server;
  private final ServiceMethod<BytesValue, BytesValue> method =
      ServiceMethod.client(
          ServiceName.create("bench", "Echo"),
          "Echo",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(BytesValue.newBuilder()));
  private final BytesValue payload;
  private int turn;

  VertxGrpcLoad(Setup setup) {
    payload = Load.payload(setup.payloadBytes());
    server = SocketAddress.inetSocketAddress(setup.serverPort(), "127.0.0.1");
    HttpClientOptions http =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setHttp2ConnectionWindowSize(WINDOW)
            .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW));
    if (setup.tls()) {
      http.setSsl(true).setUseAlpn(true).setTrustAll(true).setVerifyHost(false);
    }
    for (int i = 0; i < setup.connections(); i++) {
      clients.add(
          GrpcClient.builder(vertx)
              .with(
                  new GrpcClientOptions()
                      .setScheduleDeadlineAutomatically(true)
                      .setTimeout(DEADLINE_SECONDS)
                      .setTimeoutUnit(TimeUnit.SECONDS))
              .with(http)
              .build());
    }
  }

  /** With more than one connection, each in its turn. */
  private GrpcClient next() {
    turn = turn + 1 < clients.size() ? turn + 1 : 0;
    return clients.get(turn);
  }

  @Override
  public String options() {
    return "deadline scheduled; no selection, no retries; windows of 1 MiB";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    next().request(server, method).onComplete(request -> send(request, done), done::accept);
  }

  private void send(
      GrpcClientRequest<BytesValue, BytesValue> request, Consumer<@Nullable Throwable> done) {
    request.end(payload);
    request
        .response()
        .onComplete(
            response ->
                response.last().onComplete(reply -> Load.check(reply, payload, done), done::accept),
            done::accept);
  }

  @Override
  public void close() {
    vertx.close();
  }
}
