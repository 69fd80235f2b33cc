// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static dev.vertxmicro.registry.etcd.Following.await;
import static dev.vertxmicro.registry.etcd.Following.eventually;
import static dev.vertxmicro.registry.etcd.Following.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer what no etcd should, or nothing. */
class EtcdWireIT {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<MultiMap> heads = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  /** Starts an HTTP/2 server and a registry that takes it for etcd. */
  private EtcdRegistry openOn(Handler<HttpServerRequest> script) {
    return open(serve(script), new EtcdOptions().setRequestTimeout(Duration.ofSeconds(20)));
  }

  private int serve(Handler<HttpServerRequest> script) {
    return await(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .connectionHandler(
                    connection -> {
                      connections.incrementAndGet();
                      connection.closeHandler(v -> connections.decrementAndGet());
                    })
                .requestHandler(
                    request -> {
                      heads.add(request.headers());
                      script.handle(request);
                    })
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private EtcdRegistry open(int port, EtcdOptions options) {
    return EtcdRegistry.create(
        vertx,
        options.setEndpoints(List.of("127.0.0.1:" + port)).setMaxBackoff(Duration.ofMillis(100)));
  }

  private EtcdRegistry openImpatient(int port) {
    return open(port, new EtcdOptions().setRequestTimeout(Duration.ofMillis(700)));
  }

  private static HttpServerResponse grpc(HttpServerRequest request) {
    return request.response().setChunked(true).putHeader("content-type", "application/grpc");
  }

  private static void answer(HttpServerRequest request, Buffer message) {
    HttpServerResponse response = grpc(request);
    response.write(MessageReader.frame(message));
    response.putTrailer("grpc-status", "0").end();
  }

  private static Buffer noEntries() {
    return new ProtoWriter().message(1, new ProtoWriter().number(3, 7)).done();
  }

  private static RpcException failureOf(EtcdRegistry registry) {
    RpcException failure = failure(registry.get("greeter"));
    assertEquals(Processed.NOT_SENT, failure.processed());
    await(registry.close());
    return failure;
  }

  @Test
  void anAnswerThatIsNotGrpcIsUnavailable() {
    RpcException failure =
        failureOf(
            openOn(
                request ->
                    request
                        .response()
                        .setStatusCode(502)
                        .putHeader("content-type", "text/html")
                        .end("<h1>no</h1>")));

    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("HTTP 502, content-type text/html"), failure.detail());
  }

  @Test
  void anErrorInTheTrailersIsReadWithItsMessage() {
    RpcException failure =
        failureOf(
            openOn(
                request -> {
                  HttpServerResponse response = grpc(request);
                  response.write(Buffer.buffer());
                  response
                      .putTrailer("grpc-status", "9")
                      .putTrailer("grpc-message", "so %C3%BC la la")
                      .end();
                }));

    assertEquals(GrpcStatus.FAILED_PRECONDITION, failure.grpcStatus());
    assertTrue(failure.detail().endsWith("so \u00fc la la"), failure.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "99999999999"})
  void aStatusThatIsNoneIsAFailure(String status) {
    RpcException failure =
        failureOf(
            openOn(
                request -> {
                  HttpServerResponse response = grpc(request);
                  response.write(MessageReader.frame(noEntries()));
                  response.putTrailer("grpc-status", status).end();
                }));

    assertEquals(503, failure.code());
  }

  @Test
  void anAnswerWithoutAMessageIsAFailure() {
    RpcException failure =
        failureOf(openOn(request -> grpc(request).putTrailer("grpc-status", "0").end()));

    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
  }

  @Test
  void garbageInPlaceOfAMessageIsAFailure() {
    RpcException failure = failureOf(openOn(request -> answer(request, Buffer.buffer("garbage"))));

    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
    assertTrue(failure.detail().contains("protobuf"), failure.detail());
  }

  @Test
  void halfAMessageIsAFailure() {
    RpcException failure =
        failureOf(
            openOn(
                request -> {
                  HttpServerResponse response = grpc(request);
                  response.write(Buffer.buffer().appendByte((byte) 0).appendInt(100));
                  response.putTrailer("grpc-status", "0").end();
                }));

    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
  }

  @Test
  void aCompressedMessageIsAFailure() {
    RpcException failure =
        failureOf(
            openOn(
                request -> grpc(request).write(Buffer.buffer().appendByte((byte) 1).appendInt(1))));

    assertEquals(GrpcStatus.INTERNAL, failure.grpcStatus());
  }

  @Test
  void aMessageThatIsAnnouncedTooLargeIsRefusedBeforeItComes() {
    RpcException failure =
        failureOf(
            openOn(
                request ->
                    grpc(request).write(Buffer.buffer().appendByte((byte) 0).appendInt(1 << 30))));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
    assertTrue(failure.detail().contains("maxReplyBytes"), failure.detail());
  }

  @Test
  void noAnswerIsAFailureInTimeAndEndsTheConnection() {
    EtcdRegistry registry = openImpatient(serve(request -> {}));

    RpcException failure = failure(registry.get("greeter"));

    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("no answer within 700 ms"), failure.detail());
    eventually(0, connections::get);
    await(registry.close());
  }

  @Test
  void anAnswerThatEndsInTheMiddleIsAskedForAgain() {
    AtomicInteger asked = new AtomicInteger();
    EtcdRegistry registry =
        openOn(
            request -> {
              if (asked.incrementAndGet() == 1) {
                grpc(request).write(Buffer.buffer().appendByte((byte) 0));
                request.connection().close();
              } else {
                answer(request, noEntries());
              }
            });

    assertEquals(List.of(), await(registry.get("greeter")));
    assertEquals(2, asked.get());
    await(registry.close());
  }

  @Test
  void aStreamThatIsResetIsAskedForAgain() {
    AtomicInteger asked = new AtomicInteger();
    EtcdRegistry registry =
        openOn(
            request -> {
              if (asked.incrementAndGet() == 1) {
                request.response().reset(7);
              } else {
                answer(request, noEntries());
              }
            });

    assertEquals(List.of(), await(registry.get("greeter")));
    await(registry.close());
  }

  @Test
  void afterAGoAwayAnotherConnectionIsUsed() {
    EtcdRegistry registry =
        openOn(
            request -> {
              answer(request, noEntries());
              request.connection().goAway(0);
            });

    assertEquals(List.of(), await(registry.get("greeter")));
    assertEquals(List.of(), await(registry.get("greeter")));
    assertEquals(List.of(), await(registry.get("greeter")));
    await(registry.close());
    eventually(0, connections::get);
  }

  @Test
  void aPeerThatAcceptsAndSaysNothingIsAFailureInTime() {
    int port =
        await(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"))
            .actualPort();

    RpcException failure = failureOf(openImpatient(port));

    assertEquals(503, failure.code());
  }

  @Test
  void aPeerThatSpeaksSomethingElseIsAFailure() {
    int port =
        await(
                vertx
                    .createNetServer()
                    .connectHandler(socket -> socket.end(Buffer.buffer("HTTP/1.1 400 no\r\n\r\n")))
                    .listen(0, "127.0.0.1"))
            .actualPort();

    assertEquals(503, failureOf(open(port, new EtcdOptions())).code());
  }

  @Test
  void manyRequestsAtOnceAreAllAnswered() {
    int port = serve(request -> answer(request, noEntries()));
    EtcdRegistry registry = open(port, new EtcdOptions().setRequestTimeout(Duration.ofSeconds(30)));
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(registry.get("greeter"));
    }

    all.forEach(Following::await);
    assertEquals(1, connections.get());
    await(registry.close());
  }

  @Test
  void requestsSayWhatTheyAreAndWhetherALeaderIsNeeded() {
    int port = serve(request -> answer(request, noEntries()));
    EtcdRegistry strict = open(port, new EtcdOptions());
    EtcdRegistry loose = open(port, new EtcdOptions().setSerializableReads(true));

    await(strict.get("greeter"));
    await(loose.get("greeter"));

    assertEquals("application/grpc", heads.get(0).get("content-type"));
    assertEquals("trailers", heads.get(0).get("te"));
    assertNull(heads.get(0).get("token"));
    assertEquals("true", heads.get(0).get("hasleader"));
    assertNull(heads.get(1).get("hasleader"));
    await(strict.close());
    await(loose.close());
  }

  // watches

  @Test
  void aWatchThatIsNotCreatedInTimeFails() {
    int port =
        serve(
            request -> {
              if (request.path().equals(EtcdClient.WATCH)) {
                grpc(request).write(Buffer.buffer());
              } else {
                answer(request, noEntries());
              }
            });

    assertEquals(503, failure(openImpatient(port).watch("greeter", event -> {}).ready()).code());
    eventually(0, connections::get);
  }

  @Test
  void aStreamOfWatchesThatTalksGarbageFails() {
    Watch watch =
        openOn(
                request -> {
                  if (request.path().equals(EtcdClient.WATCH)) {
                    grpc(request).write(MessageReader.frame(Buffer.buffer("garbage")));
                  } else {
                    answer(request, noEntries());
                  }
                })
            .watch("greeter", event -> {});

    assertEquals(GrpcStatus.INTERNAL, failure(watch.ready()).grpcStatus());
  }

  @Test
  void allWatchesShareOneStreamWhichEndsWithTheLast() {
    AtomicInteger streams = new AtomicInteger();
    AtomicInteger created = new AtomicInteger();
    EtcdRegistry registry =
        openOn(
            request -> {
              if (!request.path().equals(EtcdClient.WATCH)) {
                answer(request, noEntries());
                return;
              }
              streams.incrementAndGet();
              request.exceptionHandler(reset -> streams.decrementAndGet());
              HttpServerResponse response = grpc(request);
              MessageReader requests = new MessageReader(1 << 20);
              request.handler(
                  chunk -> {
                    requests.add(chunk);
                    for (Buffer next = requests.next(); next != null; next = requests.next()) {
                      if (new ProtoReader(next).next() == 1) {
                        response.write(
                            MessageReader.frame(
                                new ProtoWriter()
                                    .message(1, new ProtoWriter().number(3, 7))
                                    .number(2, created.getAndIncrement())
                                    .flag(3, true)
                                    .done()));
                      }
                    }
                  });
            });
    List<Watch> watches = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      watches.add(registry.watch("service-" + i, event -> {}));
    }
    watches.forEach(watch -> await(watch.ready()));

    assertEquals(1, streams.get());
    assertEquals(50, created.get());
    watches.forEach(Watch::close);
    eventually(0, streams::get);
    await(registry.close());
  }
}
