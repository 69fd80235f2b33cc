// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static dev.vertxmicro.runtime.server.RawCaller.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.EchoReply;
import dev.vertxmicro.greeter.EchoRequest;
import dev.vertxmicro.greeter.FailReply;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.MetadataReply;
import dev.vertxmicro.greeter.MetadataRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.InvalidStatusException;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that know gRPC but not go-micro call what this runtime serves. */
@Timeout(60)
class PlainGrpcCallerIT {

  private Vertx vertx;
  private ServedGreeter greeter;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    greeter = new ServedGreeter(vertx);
    await(greeter.server().start());
    channel =
        Grpc.newChannelBuilder(
                greeter.server().node().address(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    await(vertx.close());
  }

  private <Q extends Message, R extends Message> R grpcJava(
      String method, Q request, R reply, CallOptions options, io.grpc.Metadata... headers) {
    MethodDescriptor<Q, R> descriptor =
        MethodDescriptor.<Q, R>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("greeter.Greeter/" + method)
            .setRequestMarshaller(marshaller(request))
            .setResponseMarshaller(marshaller(reply))
            .build();
    io.grpc.Channel intercepted = channel;
    for (Metadata some : headers) {
      intercepted =
          ClientInterceptors.intercept(
              intercepted, MetadataUtils.newAttachHeadersInterceptor(some));
    }
    return ClientCalls.blockingUnaryCall(intercepted, descriptor, options, request);
  }

  @SuppressWarnings("unchecked")
  private static <M extends Message> MethodDescriptor.Marshaller<M> marshaller(M message) {
    return ProtoUtils.marshaller((M) message.getDefaultInstanceForType());
  }

  @Test
  void grpcJavaGetsReplies() {
    HelloReply reply =
        grpcJava(
            "Hello",
            HelloRequest.newBuilder().setName("Ada").build(),
            HelloReply.getDefaultInstance(),
            CallOptions.DEFAULT);

    assertEquals("Hello Ada", reply.getGreeting());
  }

  @Test
  void grpcJavaCarriesLargeMessages() {
    ByteString payload = ByteString.copyFrom(new byte[4_000_000]);

    EchoReply reply =
        grpcJava(
            "Echo",
            EchoRequest.newBuilder().setPayload(payload).build(),
            EchoReply.getDefaultInstance(),
            CallOptions.DEFAULT);

    assertEquals(payload, reply.getPayload());
  }

  @Test
  void grpcJavaSeesTheSizeLimit() {
    EchoRequest tooLarge =
        EchoRequest.newBuilder().setPayload(ByteString.copyFrom(new byte[5_000_000])).build();

    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () -> grpcJava("Echo", tooLarge, EchoReply.getDefaultInstance(), CallOptions.DEFAULT));

    assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode());
  }

  @Test
  void grpcJavaGetsTheStatusOfAnError() {
    FailRequest request =
        FailRequest.newBuilder().setCode(404).setId("greeter").setDetail("caf\u00e9 %").build();

    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () -> grpcJava("Fail", request, FailReply.getDefaultInstance(), CallOptions.DEFAULT));

    assertEquals(Status.Code.NOT_FOUND, failure.getStatus().getCode());
    String text = failure.getStatus().getDescription();
    assertTrue(text.contains("caf\u00e9 %"), text);
  }

  @Test
  void grpcJavaGetsUnimplementedForWhatIsNotServed() {
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                grpcJava(
                    "Nope",
                    HelloRequest.getDefaultInstance(),
                    HelloReply.getDefaultInstance(),
                    CallOptions.DEFAULT));

    assertEquals(Status.Code.UNIMPLEMENTED, failure.getStatus().getCode());
  }

  @Test
  void grpcJavasDeadlineReachesTheHandler() throws Exception {
    CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS);

    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                grpcJava(
                    "Slow",
                    SlowRequest.getDefaultInstance(),
                    SlowReply.getDefaultInstance(),
                    soon));

    assertEquals(Status.Code.DEADLINE_EXCEEDED, failure.getStatus().getCode());
    assertTrue(greeter.remaining.poll(10, TimeUnit.SECONDS).toMillis() <= 300);
    RpcException reason = greeter.cancelled.poll(10, TimeUnit.SECONDS);
    assertNotNull(reason);
  }

  @Test
  void grpcJavaBringsItsMetadata() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("foo", Metadata.ASCII_STRING_MARSHALLER), "bar");
    headers.put(
        Metadata.Key.of("raw-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {1, 2, 3, 4});

    MetadataReply reply =
        grpcJava(
            "Metadata",
            MetadataRequest.getDefaultInstance(),
            MetadataReply.getDefaultInstance(),
            CallOptions.DEFAULT,
            headers);

    assertEquals("bar", reply.getMetadataMap().get("foo"));
    assertEquals("AQIDBA", reply.getMetadataMap().get("raw-bin"));
  }

  private static <Q extends Message, R extends Message> ServiceMethod<R, Q> vertxMethod(
      String method, Q request, R reply) {
    return ServiceMethod.client(
        ServiceName.create("greeter", "Greeter"),
        method,
        GrpcMessageEncoder.encoder(),
        GrpcMessageDecoder.decoder(reply));
  }

  private <Q extends Message, R extends Message> io.vertx.core.Future<R> vertxGrpc(
      String method, Q request, R reply) {
    String address = greeter.server().node().address();
    SocketAddress server =
        SocketAddress.inetSocketAddress(
            Integer.parseInt(address.substring(address.indexOf(':') + 1)), "127.0.0.1");
    GrpcClient client = GrpcClient.client(vertx);
    return client
        .request(server, vertxMethod(method, request, reply))
        .compose(
            call -> {
              call.end(request);
              return call.response();
            })
        .compose(
            response -> {
              if (response.status() != null
                  && response.status() != io.vertx.grpc.common.GrpcStatus.OK) {
                return io.vertx.core.Future.failedFuture(
                    new InvalidStatusException(
                        io.vertx.grpc.common.GrpcStatus.OK, response.status()));
              }
              return response.last();
            });
  }

  @Test
  void vertxGrpcGetsReplies() throws Exception {
    HelloRequest request = HelloRequest.newBuilder().setName("Ada").build();

    HelloReply reply = await(vertxGrpc("Hello", request, HelloReply.getDefaultInstance()));

    assertEquals("Hello Ada", reply.getGreeting());
  }

  @Test
  void vertxGrpcGetsTheStatusOfAnError() throws Exception {
    FailRequest request = FailRequest.newBuilder().setCode(404).build();

    Throwable failure = failure(vertxGrpc("Fail", request, FailReply.getDefaultInstance()));

    assertEquals(
        GrpcStatus.NOT_FOUND.code(), ((InvalidStatusException) failure).actualStatus().code);
  }
}
