// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls made while a server of vertx-grpc serves a request inherit the request's deadline. */
@Timeout(60)
class InheritedDeadlineIT {

  private static final Duration BY_DEFAULT = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final CompletableFuture<Duration> remaining = new CompletableFuture<>();
  private RpcClient client;
  private HttpServer server;
  private HttpClient caller;

  @BeforeEach
  void start() {
    TimeSource time = TimeSource.of(vertx);
    MemoryTransport transport = MemoryTransport.create(time);
    transport.serve(
        "back",
        request -> {
          remaining.complete(request.deadline().remaining());
          return Future.succeededFuture(Message.reply().build());
        });
    client =
        RpcClient.builder(vertx)
            .withTransport(transport)
            .withTimeSource(time)
            .with(options -> options.setProtocol(MemoryTransport.PROTOCOL))
            .with(ClientOption.calls(CallOption.address("back"), CallOption.timeout(BY_DEFAULT)))
            .build();
    caller =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  @AfterEach
  void stop() {
    Bench.await(client.close());
    Bench.await(vertx.close());
  }

  private void serve(boolean propagating, boolean inABlock) {
    GrpcServer grpc =
        GrpcServer.server(vertx, new GrpcServerOptions().setDeadlinePropagation(propagating));
    grpc.callHandler(
        request ->
            request.handler(
                body -> {
                  Request<Buffer, Buffer> onward =
                      Request.of("back", "Back.Do", Buffer.buffer("x"), Buffer.class);
                  Future<Buffer> reply =
                      inABlock
                          ? ContextInternal.current()
                              .executeBlocking(() -> client.call(onward))
                              .compose(call -> call)
                          : client.call(onward);
                  reply
                      .onSuccess(answer -> request.response().end(answer))
                      .onFailure(remaining::completeExceptionally);
                }));
    server = Bench.await(vertx.createHttpServer().requestHandler(grpc).listen(0, "127.0.0.1"));
  }

  private void callWith(String grpcTimeout) {
    caller
        .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/front.Front/Do")
        .compose(
            request -> {
              request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
              if (!grpcTimeout.isEmpty()) {
                request.putHeader("grpc-timeout", grpcTimeout);
              }
              return request.send(Buffer.buffer(new byte[] {0, 0, 0, 0, 1, 'x'}));
            });
  }

  /** What the caller sends, and between which bounds in seconds the onward call stays. */
  @ParameterizedTest
  @CsvSource({
    "'', 20, 30",
    "10S, 1, 10",
    "3600S, 3000, 3600",
    "99999999S, 90000000, 99999999",
    "99999999H, 4000000000, 4700000000",
  })
  void anOnwardCallHasTheTimeThatTheRequestHas(String timeout, long least, long most) {
    serve(true, false);
    callWith(timeout);

    long seconds = Bench.await(remaining).toSeconds();
    assertTrue(seconds >= least && seconds <= most, seconds + " s");
  }

  @Test
  void aCallOfABlockOfBlockingCodeInheritsAsWell() {
    serve(true, true);
    callWith("10S");

    assertTrue(Bench.await(remaining).toSeconds() <= 10);
  }

  @Test
  void withoutPropagationTheDefaultHolds() {
    serve(false, false);
    callWith("10S");

    assertTrue(Bench.await(remaining).toSeconds() > 10);
  }
}
