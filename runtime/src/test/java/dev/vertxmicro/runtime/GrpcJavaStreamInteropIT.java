// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.vertxmicro.errors.GrpcStatus;
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
import io.grpc.testing.integration.Messages.BoolValue;
import io.grpc.testing.integration.Messages.EchoStatus;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.ResponseParameters;
import io.grpc.testing.integration.Messages.StreamingInputCallRequest;
import io.grpc.testing.integration.Messages.StreamingInputCallResponse;
import io.grpc.testing.integration.Messages.StreamingOutputCallRequest;
import io.grpc.testing.integration.Messages.StreamingOutputCallResponse;
import io.grpc.testing.integration.TestServiceImpl;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
 * The streaming cases of gRPC's interop suite (grpc {@code doc/interop-test-descriptions.md})
 * through the whole client, with grpc-java's own test service as the peer. Left out: {@code
 * client_compressed_streaming}, since this client never compresses requests.
 */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcJavaStreamInteropIT {

  @Parameter GrpcEngine engine;

  private static final String TEST_SERVICE = "/grpc.testing.TestService/";
  private static final int[] REQUEST_SIZES = {27_182, 8, 1_828, 45_904};
  private static final int[] RESPONSE_SIZES = {31_415, 9, 2_653, 58_979};

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
    client =
        RpcClient.builder(vertx)
            .withObserver(counters)
            .withTransport(new GrpcTransports(new GrpcOptions().setEngine(engine)))
            .with(
                ClientOption.calls(
                    CallOption.address("127.0.0.1:" + server.getPort()), CallOption.retries(0)))
            .build();
  }

  @AfterEach
  void close() {
    Bench.await(client.close());
    assertEquals(0, counters.openStreams(), counters.toString());
    assertEquals(0, counters.openCallStreams(), counters.toString());
    assertEquals(0, counters.openLeases(), counters.toString());
    assertEquals(0, counters.openConnections(), counters.toString());
    assertEquals(0, counters.openTimers(), counters.toString());
    assertEquals(0, counters.queued(), counters.toString());
    Bench.await(vertx.close());
  }

  @Test
  void clientStreaming() {
    RpcStream<StreamingInputCallRequest, StreamingInputCallResponse> stream =
        Bench.await(
            client.stream(
                Request.stream(
                    "interop",
                    TEST_SERVICE + "StreamingInputCall",
                    StreamingInputCallRequest.class,
                    StreamingInputCallResponse.class)));
    Future<List<StreamingInputCallResponse>> all = all(stream);
    for (int size : REQUEST_SIZES) {
      stream.write(StreamingInputCallRequest.newBuilder().setPayload(payload(size)).build());
    }
    stream.end();

    assertEquals(74_922, Bench.await(all).get(0).getAggregatedPayloadSize());
  }

  @Test
  void serverStreaming() {
    assertEquals(sizes(RESPONSE_SIZES), serverStreamed(RESPONSE_SIZES, null));
  }

  @Test
  void serverCompressedStreaming() {
    assertEquals(List.of(31_415, 92_653), serverStreamed(new int[] {31_415, 92_653}, true));
  }

  private List<Integer> serverStreamed(int[] sizes, Boolean compressed) {
    StreamingOutputCallRequest.Builder request = StreamingOutputCallRequest.newBuilder();
    for (int size : sizes) {
      ResponseParameters.Builder parameters = ResponseParameters.newBuilder().setSize(size);
      if (compressed != null) {
        parameters.setCompressed(BoolValue.newBuilder().setValue(compressed));
      }
      request.addResponseParameters(parameters);
    }
    return Bench.await(
            client.stream(
                    Request.of(
                        "interop",
                        TEST_SERVICE + "StreamingOutputCall",
                        request.build(),
                        StreamingOutputCallResponse.class))
                .compose(GrpcJavaStreamInteropIT::all))
        .stream()
        .map(reply -> reply.getPayload().getBody().size())
        .toList();
  }

  @Test
  void pingPong() {
    var stream = duplex("FullDuplexCall");
    List<Integer> seen = new ArrayList<>();
    Promise<Void> ended = Promise.promise();
    stream.handler(
        reply -> {
          seen.add(reply.getPayload().getBody().size());
          int turn = seen.size();
          if (turn < REQUEST_SIZES.length) {
            stream.write(ping(turn));
          } else {
            stream.end();
          }
        });
    stream.endHandler(ended::complete).exceptionHandler(ended::fail).resume();
    stream.write(ping(0));

    Bench.await(ended.future());
    assertEquals(sizes(RESPONSE_SIZES), seen);
  }

  private static StreamingOutputCallRequest ping(int turn) {
    return output(RESPONSE_SIZES[turn]).setPayload(payload(REQUEST_SIZES[turn])).build();
  }

  @Test
  void emptyStream() {
    var stream = duplex("FullDuplexCall");
    Future<List<StreamingOutputCallResponse>> all = all(stream);
    stream.end();

    assertEquals(0, Bench.await(all).size());
  }

  @Test
  void halfDuplex() {
    var stream = duplex("HalfDuplexCall");
    Future<List<StreamingOutputCallResponse>> all = all(stream);
    for (int size : RESPONSE_SIZES) {
      stream.write(output(size).build());
    }
    stream.end();

    assertEquals(
        sizes(RESPONSE_SIZES),
        Bench.await(all).stream().map(reply -> reply.getPayload().getBody().size()).toList());
  }

  @Test
  void cancelAfterBegin() {
    RpcStream<StreamingInputCallRequest, StreamingInputCallResponse> stream =
        Bench.await(
            client.stream(
                Request.stream(
                    "interop",
                    TEST_SERVICE + "StreamingInputCall",
                    StreamingInputCallRequest.class,
                    StreamingInputCallResponse.class)));

    stream.cancel("begun");

    assertEquals(GrpcStatus.CANCELLED, failure(stream.trailers()).grpcStatus());
  }

  @Test
  void cancelAfterFirstResponse() {
    var stream = duplex("FullDuplexCall");
    stream.handler(reply -> stream.cancel("seen one")).resume();
    stream.write(ping(0));

    RpcException failure = failure(stream.trailers());

    assertEquals(GrpcStatus.CANCELLED, failure.grpcStatus());
    assertEquals(499, failure.code());
  }

  @Test
  void timeoutOnSleepingServer() {
    var stream = duplex("FullDuplexCall", CallOption.streamTimeout(Duration.ofMillis(500)));
    stream.write(
        StreamingOutputCallRequest.newBuilder()
            .setPayload(payload(27_182))
            .addResponseParameters(
                ResponseParameters.newBuilder().setSize(31_415).setIntervalUs(10_000_000))
            .build());
    stream.resume();

    RpcException failure = failure(stream.trailers());

    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
    assertEquals(408, failure.code());
  }

  @Test
  void customMetadata() {
    byte[] trailing = {(byte) 0xab, (byte) 0xab, (byte) 0xab};
    Metadata metadata =
        Metadata.builder()
            .add("x-grpc-test-echo-initial", "test_initial_metadata_value")
            .addBinary("x-grpc-test-echo-trailing-bin", trailing)
            .build();
    var stream =
        Bench.await(
            client.stream(
                Request.stream(
                        "interop",
                        TEST_SERVICE + "FullDuplexCall",
                        StreamingOutputCallRequest.class,
                        StreamingOutputCallResponse.class)
                    .withMetadata(metadata)));
    stream.write(output(314_159).setPayload(payload(271_828)).build());
    stream.end();
    stream.resume();

    assertEquals(
        "test_initial_metadata_value",
        Bench.await(stream.headers()).get("x-grpc-test-echo-initial"));
    assertArrayEquals(
        trailing, Bench.await(stream.trailers()).getBinary("x-grpc-test-echo-trailing-bin"));
  }

  @Test
  void statusCodeAndMessage() {
    var stream = duplex("FullDuplexCall");
    stream.write(
        StreamingOutputCallRequest.newBuilder()
            .setResponseStatus(EchoStatus.newBuilder().setCode(2).setMessage("test status message"))
            .build());
    stream.end();
    stream.resume();

    RpcException failure = failure(stream.trailers());

    assertEquals(GrpcStatus.UNKNOWN, failure.grpcStatus());
    assertEquals("test status message", failure.detail());
  }

  @Test
  void unimplementedMethod() {
    RpcException failure =
        failure(
            client.stream(
                Request.of(
                    "interop",
                    TEST_SERVICE + "UnimplementedCall",
                    Empty.getDefaultInstance(),
                    Empty.class)));

    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
  }

  @Test
  void manyStreamsAtOnce() {
    List<Future<List<StreamingOutputCallResponse>>> streams = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      streams.add(
          client.stream(
                  Request.of(
                      "interop",
                      TEST_SERVICE + "StreamingOutputCall",
                      output(i).build(),
                      StreamingOutputCallResponse.class))
              .compose(GrpcJavaStreamInteropIT::all));
    }
    for (int i = 0; i < 300; i++) {
      assertEquals(i, Bench.await(streams.get(i)).get(0).getPayload().getBody().size());
    }
    assertTrue(counters.connections() <= 100, counters.toString());
    assertEquals(300, counters.callStreams());
  }

  private RpcStream<StreamingOutputCallRequest, StreamingOutputCallResponse> duplex(
      String method, CallOption... options) {
    return Bench.await(
        client.stream(
            Request.stream(
                "interop",
                TEST_SERVICE + method,
                StreamingOutputCallRequest.class,
                StreamingOutputCallResponse.class),
            options));
  }

  private static <R> Future<List<R>> all(RpcStream<?, R> stream) {
    Promise<List<R>> all = Promise.promise();
    List<R> seen = new ArrayList<>();
    stream.handler(seen::add).endHandler(end -> all.complete(seen));
    stream.exceptionHandler(all::fail).resume();
    return all.future();
  }

  private static StreamingOutputCallRequest.Builder output(int size) {
    return StreamingOutputCallRequest.newBuilder()
        .addResponseParameters(ResponseParameters.newBuilder().setSize(size));
  }

  private static Payload payload(int size) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[size])).build();
  }

  private static List<Integer> sizes(int... sizes) {
    List<Integer> list = new ArrayList<>();
    for (int size : sizes) {
      list.add(size);
    }
    return list;
  }

  private static RpcException failure(Future<?> call) {
    return Bench.await(
        call.transform(
            done ->
                done.failed()
                    ? Future.succeededFuture((RpcException) done.cause())
                    : Future.failedFuture("it ended well: " + done.result())));
  }
}
