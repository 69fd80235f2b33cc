// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.MetadataReply;
import dev.vertxmicro.greeter.MetadataRequest;
import dev.vertxmicro.greeter.PanicRequest;
import dev.vertxmicro.greeter.PlainErrorRequest;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Calls of real go-micro services, as far as the transport is concerned. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcGoMicroIT {

  @Parameter GrpcEngine engine;

  private static final Iterable<String> PROGRAMS = GoPeer.ALL;

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void callsWithProtobuf(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "test.svc");
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      HelloRequest ada = HelloRequest.newBuilder().setName("Ada").build();
      for (String endpoint : new String[] {"Greeter.Hello", "/any.pkg.Greeter/Hello"}) {
        Message reply =
            call(caller, peer, request(endpoint, ada), caller.in(Duration.ofSeconds(30))).reply();

        assertEquals("Hello Ada", HelloReply.parseFrom(bytes(reply)).getGreeting());
        assertEquals("application/grpc+proto", reply.contentType());
        JsonObject seen = peer.nextEvent();
        assertTrue(seen.getBoolean("deadline"), seen::encode);
        JsonObject metadata = seen.getJsonObject("metadata");
        assertEquals("application/grpc+proto", metadata.getString("content-type"));
        assertFalse(metadata.containsKey("timeout"), metadata::encode);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void callsWithJson(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "test.svc");
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      Message request =
          Message.request("test.svc", "Greeter.Hello")
              .contentType("application/json")
              .body(Buffer.buffer("{\"name\":\"Ada\"}"))
              .build();

      Message reply = call(caller, peer, request, Deadline.NONE).reply();

      assertEquals("application/grpc+json", reply.contentType());
      assertEquals("Hello Ada", reply.body().toJsonObject().getString("greeting"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void metadataReachesTheHandler(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "test.svc");
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      Message request =
          request("Greeter.Metadata", MetadataRequest.getDefaultInstance())
              .withHeaders(Metadata.of("Foo-Bar", "baz", "Micro-From-Service", "me"));

      Message reply = call(caller, peer, request, Deadline.NONE).reply();

      Map<String, String> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      seen.putAll(MetadataReply.parseFrom(bytes(reply)).getMetadataMap());
      assertEquals("baz", seen.get("foo-bar"));
      assertEquals("me", seen.get("micro-from-service"));
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void errorsComeAsGoMicroMadeThem(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "test.svc");
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      RpcException teapot =
          failure(
              caller,
              peer,
              "Greeter.Fail",
              FailRequest.newBuilder().setCode(418).setId("my.id").setDetail("caf\u00e9").build());
      assertEquals(418, teapot.code());
      assertEquals("my.id", teapot.error().id());
      assertEquals("caf\u00e9", teapot.detail());
      assertEquals(GrpcStatus.UNKNOWN, teapot.grpcStatus());
      assertEquals(Processed.YES, teapot.processed());

      RpcException plain =
          failure(
              caller,
              peer,
              "Greeter.PlainError",
              PlainErrorRequest.newBuilder().setText("plain text").build());
      assertEquals(500, plain.code());
      assertEquals("go.micro.client", plain.error().id());
      assertEquals("plain text", plain.detail());

      RpcException panic =
          failure(caller, peer, "Greeter.Panic", PanicRequest.newBuilder().setText("boom").build());
      assertEquals(GrpcStatus.INTERNAL, panic.grpcStatus());
      assertEquals("go.micro.server", panic.error().id());

      for (String unknown : new String[] {"Nobody.Hello", "Greeter.Nope"}) {
        RpcException missing = failure(caller, peer, unknown, HelloRequest.getDefaultInstance());
        assertEquals(501, missing.code());
        assertEquals(GrpcStatus.UNIMPLEMENTED, missing.grpcStatus());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void cancelReachesTheHandler(String program) throws Exception {
    try (GoPeer peer = GoPeer.start(program, "test.svc");
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      Message slow = request("Greeter.Slow", SlowRequest.newBuilder().setSleepMs(30_000).build());
      GrpcCaller.Call call = call(caller, peer, slow, caller.in(Duration.ofSeconds(20)));
      JsonObject arrived = peer.nextEvent();
      long remaining = arrived.getLong("remainingMs");
      assertTrue(remaining > 10_000 && remaining <= 20_000, arrived::encode);

      call.cancel();

      assertEquals(499, call.failure().code());
      JsonObject cancelled = peer.nextEvent();
      assertEquals("cancelled", cancelled.getString("event"));
      assertEquals("context canceled", cancelled.getString("reason"));
    }
  }

  private static RpcException failure(
      GrpcCaller caller, GoPeer peer, String endpoint, MessageLite body) {
    return call(caller, peer, request(endpoint, body), Deadline.NONE).failure();
  }

  private static GrpcCaller.Call call(
      GrpcCaller caller, GoPeer peer, Message request, Deadline deadline) {
    return caller.call(Node.of("go", peer.address()), request, deadline);
  }

  private static Message request(String endpoint, MessageLite body) {
    return Message.request("test.svc", endpoint)
        .contentType(ContentSubtype.PROTO)
        .body(Buffer.buffer(body.toByteArray()))
        .build();
  }

  private static byte[] bytes(Message reply) throws InvalidProtocolBufferException {
    return reply.body().getBytes();
  }
}
