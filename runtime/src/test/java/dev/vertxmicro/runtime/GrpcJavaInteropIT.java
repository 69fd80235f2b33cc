// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.EmptyProtos.Empty;
import io.grpc.testing.integration.Messages.EchoStatus;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.SimpleResponse;
import io.grpc.testing.integration.TestServiceImpl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The unary cases of gRPC's interop suite (grpc {@code doc/interop-test-descriptions.md}) through
 * the whole client, with grpc-java's own test service as the peer.
 *
 * <p>Left out: {@code client_compressed_unary}, since this client never compresses requests, and
 * the cases that need streams or credentials of a cloud.
 */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcJavaInteropIT {

  @Parameter GrpcEngine engine;

  private static final int REQUEST_SIZE = 271_828;
  private static final int RESPONSE_SIZE = 314_159;
  private static final String TEST_SERVICE = "/grpc.testing.TestService/";

  private static ScheduledExecutorService executor;
  private static Server server;

  private final Vertx vertx = Vertx.vertx();
  private final RpcCounters counters = new RpcCounters();
  private RpcClient client;

  @BeforeAll
  static void serve() throws Exception {
    executor = Executors.newSingleThreadScheduledExecutor();
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .addService(
                ServerInterceptors.intercept(
                    new TestServiceImpl(executor), TestServiceImpl.interceptors()))
            .build()
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.shutdownNow().awaitTermination();
    executor.shutdownNow();
  }

  @BeforeEach
  void open() {
    String address = "127.0.0.1:" + server.getPort();
    client =
        RpcClient.builder(vertx)
            .withObserver(counters)
            .withTransport(
                new GrpcTransports(new GrpcOptions().setEngine(engine).setUserAgent("interop/1")))
            .with(ClientOption.calls(CallOption.address(address), CallOption.retries(0)))
            .build();
  }

  @AfterEach
  void close() {
    Bench.await(client.close());
    assertEquals(0, counters.openStreams(), counters.toString());
    assertEquals(0, counters.openConnections(), counters.toString());
    assertEquals(0, counters.openTimers(), counters.toString());
    assertEquals(0, counters.queued(), counters.toString());
    Bench.await(vertx.close());
  }

  @Test
  void emptyUnary() {
    assertEquals(Empty.getDefaultInstance(), await("EmptyCall", Empty.getDefaultInstance()));
  }

  @Test
  void largeUnary() {
    SimpleResponse reply = Bench.await(unary(large().build()));

    assertArrayEquals(new byte[RESPONSE_SIZE], reply.getPayload().getBody().toByteArray());
  }

  @Test
  void serverCompressedUnary() {
    for (boolean compressed : new boolean[] {true, false}) {
      SimpleRequest request =
          large()
              .setResponseCompressed(
                  io.grpc.testing.integration.Messages.BoolValue.newBuilder().setValue(compressed))
              .build();

      SimpleResponse reply = Bench.await(unary(request));

      assertEquals(RESPONSE_SIZE, reply.getPayload().getBody().size());
    }
  }

  @Test
  void customMetadata() {
    byte[] trailing = {(byte) 0xab, (byte) 0xab, (byte) 0xab};
    Metadata metadata =
        Metadata.builder()
            .add("x-grpc-test-echo-initial", "test_initial_metadata_value")
            .addBinary("x-grpc-test-echo-trailing-bin", trailing)
            .build();
    Request<SimpleRequest, SimpleResponse> request =
        request("UnaryCall", large().build(), SimpleResponse.class).withMetadata(metadata);

    Reply<SimpleResponse> reply = Bench.await(client.start(request).response());

    assertEquals("test_initial_metadata_value", reply.headers().get("x-grpc-test-echo-initial"));
    assertArrayEquals(trailing, reply.trailers().getBinary("x-grpc-test-echo-trailing-bin"));
  }

  @Test
  void statusCodeAndMessage() {
    RpcException failure = failure(status(2, "test status message"));

    assertEquals(GrpcStatus.UNKNOWN, failure.grpcStatus());
    assertEquals("test status message", failure.detail());
    assertEquals(Processed.YES, failure.processed());
  }

  @Test
  void specialStatusMessage() {
    String message =
        "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";

    assertEquals(message, failure(status(2, message)).detail());
  }

  @Test
  void unimplementedMethod() {
    RpcException failure =
        failure(client.call(request("UnimplementedCall", Empty.getDefaultInstance(), Empty.class)));

    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
    assertEquals(501, failure.code());
  }

  @Test
  void unimplementedService() {
    RpcException failure =
        failure(
            client.call(
                Request.of(
                    "interop",
                    "/grpc.testing.UnimplementedService/UnimplementedCall",
                    Empty.getDefaultInstance(),
                    Empty.class)));

    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
  }

  @Test
  void veryLargeRequest() {
    int size = 3 * 1024 * 1024;
    SimpleRequest request = SimpleRequest.newBuilder().setPayload(payload(size)).build();

    assertNotNull(Bench.await(unary(request)));
  }

  @Test
  void timeoutOnSleepingServer() {
    // The unary form: the deadline is in the past by the time that any server could answer.
    RpcException failure =
        failure(
            client.call(
                request("UnaryCall", large().build(), SimpleResponse.class),
                CallOption.timeout(Duration.ofNanos(1))));

    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
    assertEquals(408, failure.code());
  }

  @Test
  void rpcSoak() {
    for (int i = 0; i < 100; i++) {
      assertEquals(
          RESPONSE_SIZE, Bench.await(unary(large().build())).getPayload().getBody().size());
    }
    assertEquals(1, counters.connections());
  }

  @Test
  void channelSoak() {
    for (int i = 0; i < 10; i++) {
      assertEquals(
          RESPONSE_SIZE, Bench.await(unary(large().build())).getPayload().getBody().size());
      Bench.await(client.close());
      open();
    }
  }

  @Test
  void manyAtOnce() {
    List<Future<SimpleResponse>> replies = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      SimpleRequest request = SimpleRequest.newBuilder().setResponseSize(i).build();
      replies.add(unary(request));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals(i, Bench.await(replies.get(i)).getPayload().getBody().size());
    }
    assertTrue(counters.connections() <= 100, counters.toString());
  }

  private static SimpleRequest.Builder large() {
    return SimpleRequest.newBuilder()
        .setResponseSize(RESPONSE_SIZE)
        .setPayload(payload(REQUEST_SIZE));
  }

  private static Payload payload(int size) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[size])).build();
  }

  private Future<SimpleResponse> status(int code, String message) {
    return unary(
        SimpleRequest.newBuilder()
            .setResponseStatus(EchoStatus.newBuilder().setCode(code).setMessage(message))
            .build());
  }

  private Future<SimpleResponse> unary(SimpleRequest request) {
    return client.call(request("UnaryCall", request, SimpleResponse.class));
  }

  private Empty await(String method, Empty request) {
    return Bench.await(client.call(request(method, request, Empty.class)));
  }

  private static <Q, R> Request<Q, R> request(String method, Q body, Class<R> reply) {
    return Request.of("interop", TEST_SERVICE + method, body, reply);
  }

  private static RpcException failure(Future<?> call) {
    return Bench.await(
        call.transform(
            done ->
                done.failed()
                    ? Future.succeededFuture((RpcException) done.cause())
                    : Future.failedFuture("a reply came: " + done.result())));
  }
}
