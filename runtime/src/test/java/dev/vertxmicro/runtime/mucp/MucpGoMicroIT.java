// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.ChatReply;
import dev.vertxmicro.greeter.ChatRequest;
import dev.vertxmicro.greeter.CountReply;
import dev.vertxmicro.greeter.CountRequest;
import dev.vertxmicro.greeter.EchoReply;
import dev.vertxmicro.greeter.EchoRequest;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.MetadataReply;
import dev.vertxmicro.greeter.MetadataRequest;
import dev.vertxmicro.greeter.PanicRequest;
import dev.vertxmicro.greeter.PlainErrorRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.greeter.SumReply;
import dev.vertxmicro.greeter.SumRequest;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.mucp.MucpCaller.Call;
import dev.vertxmicro.runtime.mucp.MucpCaller.Stream;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.SteppedTime;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls and streams of real go-micro services on their default protocol. */
class MucpGoMicroIT {

  private static final Iterable<String> PROGRAMS = GoPeer.ALL;
  private static final Codecs CODECS = Codecs.standard();

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void callsInEveryForm(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      HelloRequest ada = HelloRequest.newBuilder().setName("Ada \u2615").build();
      for (String contentType :
          List.of(WireType.PROTO, WireType.JSON, WireType.PROTO_RPC, WireType.JSON_RPC)) {
        for (boolean named : new boolean[] {true, false}) {
          Node node = named ? MucpCaller.node(peer.address()) : Node.of("old", peer.address());
          Message request = request("Greeter.Hello", contentType, ada);

          Message reply = caller.call(node, request, caller.in(Duration.ofSeconds(30))).reply();

          HelloReply hello = decode(reply, HelloReply.class);
          assertEquals("Hello Ada \u2615", hello.getGreeting());
          assertEquals(peer.address(), hello.getServedBy());
          JsonObject seen = peer.nextEvent();
          assertTrue(seen.getBoolean("deadline"), seen::encode);
          assertEquals("Greeter.Hello", seen.getString("endpoint"));
        }
      }
      assertEquals(1, caller.observer.connectionsOpened());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void jsonOfProtobufTypesIsReadInEitherForm(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      Message slow =
          request("Greeter.Slow", WireType.JSON, SlowRequest.newBuilder().setSleepMs(3).build());
      Message echo =
          request(
              "Greeter.Echo",
              WireType.JSON,
              EchoRequest.newBuilder().setPayload(ByteString.copyFromUtf8("\0\u00ff")).build());

      Message slept = call(caller, peer, slow).reply();
      Message echoed = call(caller, peer, echo).reply();

      // A number in the JSON of Go structs, text in protojson.
      assertEquals(3, decode(slept, SlowReply.class).getSleptMs());
      assertEquals("\0\u00ff", decode(echoed, EchoReply.class).getPayload().toStringUtf8());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void metadataReachesTheHandlerAndItsEchoNobody(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      Message ask =
          request("Greeter.Metadata", WireType.PROTO, MetadataRequest.newBuilder().build());
      Message first =
          ask.withHeaders(
              Metadata.of("foo-bar", "caf\u00e9", "Authorization", "Bearer x", "Micro-Topic", "t"));

      Message one = call(caller, peer, first).reply();
      Message two = call(caller, peer, ask).reply();

      Map<String, String> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      seen.putAll(decode(one, MetadataReply.class).getMetadataMap());
      assertEquals("caf\u00e9", seen.get("foo-bar"));
      assertEquals("Bearer x", seen.get("authorization"));
      assertFalse(seen.containsKey("micro-topic"));
      assertFalse(one.headers().contains("Authorization"), one.headers()::toString);
      assertFalse(two.headers().contains("Authorization"), two.headers()::toString);
      assertFalse(two.headers().contains("Foo-Bar"), two.headers()::toString);
      assertEquals(1, caller.observer.connectionsOpened());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void errorsComeAsGoMicroMadeThem(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      RpcException teapot =
          failure(
              caller,
              peer,
              "Greeter.Fail",
              FailRequest.newBuilder().setCode(418).setId("my.id").setDetail("caf\u00e9").build());
      assertEquals(418, teapot.code());
      assertEquals("my.id", teapot.error().id());
      assertEquals("caf\u00e9", teapot.detail());
      assertEquals(Processed.YES, teapot.processed());

      RpcException missing =
          failure(caller, peer, "Greeter.Fail", FailRequest.newBuilder().setCode(404).build());
      assertEquals(GrpcStatus.NOT_FOUND, missing.grpcStatus());

      RpcException plain =
          failure(
              caller,
              peer,
              "Greeter.PlainError",
              PlainErrorRequest.newBuilder().setText("plain text").build());
      assertEquals(500, plain.code());
      assertEquals("go.micro.client", plain.error().id());
      assertEquals("plain text", plain.detail());

      for (String unknown : List.of("Nobody.Hello", "Greeter.Nope", "Hello")) {
        RpcException failure = failure(caller, peer, unknown, HelloRequest.getDefaultInstance());
        assertEquals(500, failure.code());
        assertTrue(failure.detail().startsWith("rpc: "), failure.detail());
        assertEquals(Processed.YES, failure.processed());
      }
      assertEquals(1, caller.observer.connectionsOpened());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void errorsComeInEnvelopesToo(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      for (String contentType : List.of(WireType.JSON, WireType.JSON_RPC, WireType.PROTO_RPC)) {
        FailRequest fail =
            FailRequest.newBuilder().setCode(409).setId("my.id").setDetail("taken").build();

        RpcException conflict =
            call(caller, peer, request("Greeter.Fail", contentType, fail)).failure();

        assertEquals(409, conflict.code(), contentType);
        assertEquals("taken", conflict.detail());
        assertEquals(GrpcStatus.ALREADY_EXISTS, conflict.grpcStatus());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void noAnswerAtAllEndsWithTheCallAndItsConnection(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create(1)) {
      Message panic =
          request("Greeter.Panic", WireType.PROTO, PanicRequest.newBuilder().setText("b").build());
      Message bytes = request("Greeter.Hello", WireType.BYTES, HelloRequest.getDefaultInstance());
      for (Message silent : List.of(panic, bytes)) {
        Call call = call(caller, peer, silent);
        if (silent == panic) {
          peer.nextEvent();
        }
        Call waiting = call(caller, peer, hello());

        call.cancel();

        assertEquals(499, call.failure().code());
        assertEquals("Hello Ada", decode(waiting.reply(), HelloReply.class).getGreeting());
        peer.nextEvent();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void manyCallsShareAFewConnections(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create(4)) {
      List<Call> calls = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        HelloRequest request = HelloRequest.newBuilder().setName("no. " + i).build();
        calls.add(call(caller, peer, request("Greeter.Hello", WireType.PROTO, request)));
      }

      for (int i = 0; i < 2_000; i++) {
        HelloReply reply = decode(calls.get(i).reply(), HelloReply.class);
        assertEquals("Hello no. " + i, reply.getGreeting());
      }
      assertEquals(4, caller.observer.connectionsOpened());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void largeBodiesGoBothWays(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      byte[] payload = new byte[3 << 20];
      payload[12_345] = 1;
      EchoRequest request =
          EchoRequest.newBuilder().setPayload(ByteString.copyFrom(payload)).build();

      Message reply = call(caller, peer, request("Greeter.Echo", WireType.PROTO, request)).reply();

      assertEquals(request.getPayload(), decode(reply, EchoReply.class).getPayload());
    }
  }

  // ---- streams

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void theServerStreamsAndEnds(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      for (String form : List.of(WireType.PROTO, WireType.JSON)) {
        SendOptions oneRequest = SendOptions.DEFAULT.withOneRequest();
        Stream stream = open(caller, peer, "Greeter.Count", form, oneRequest);
        CountRequest request = CountRequest.newBuilder().setTo(5).setPauseMs(20).build();
        stream.write(CODECS.encode(form, request));
        stream.end();

        for (int i = 1; i <= 5; i++) {
          assertEquals(i, next(stream, form, CountReply.class).getNumber());
        }
        stream.trailers();

        assertEquals("call", peer.nextEvent().getString("event"));
        JsonObject ended = peer.nextEvent();
        assertEquals("ended", ended.getString("event"), ended::encode);
        assertFalse(ended.containsKey("error"), ended::encode);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void bothSidesStreamAndTheClientEnds(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      for (String form :
          List.of(WireType.PROTO, WireType.JSON, WireType.PROTO_RPC, WireType.JSON_RPC)) {
        Stream stream = open(caller, peer, "Greeter.Chat", form, SendOptions.DEFAULT);
        for (String text : List.of("one", "two", "three")) {
          stream.write(CODECS.encode(form, ChatRequest.newBuilder().setText(text).build()));
          assertEquals(text, next(stream, form, ChatReply.class).getText());
        }
        assertEquals("call", peer.nextEvent().getString("event"));

        stream.end();

        JsonObject ended = peer.nextEvent();
        assertEquals("ended", ended.getString("event"), ended::encode);
        assertEquals(3, ended.getInteger("received"));
        assertFalse(ended.containsKey("error"), ended::encode);
        // The server does not say that it has ended.
        assertFalse(stream.isDone());
        caller.settle();
        caller.time.advance(MucpOptions.DEFAULT_END_TIMEOUT);
        stream.trailers();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void theClientStreamsAndSaysInARequestThatItIsTheLast(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = open(caller, peer, "Greeter.Sum", WireType.PROTO, SendOptions.DEFAULT);
      for (int i = 1; i <= 4; i++) {
        stream.write(bytes(SumRequest.newBuilder().setNumber(i).setLast(i == 4).build()));
      }

      assertEquals(10, SumReply.parseFrom(stream.nextBytes()).getSum());
      stream.trailers();
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void errorsEndStreams(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = open(caller, peer, "Greeter.Chat", WireType.PROTO, SendOptions.DEFAULT);
      stream.write(bytes(ChatRequest.newBuilder().setText("one").build()));
      assertEquals("one", ChatReply.parseFrom(stream.nextBytes()).getText());
      stream.write(bytes(ChatRequest.newBuilder().setText("caf\u00e9").setFailCode(409).build()));

      RpcException failure = stream.failure();

      assertEquals(409, failure.code());
      assertEquals("caf\u00e9", failure.detail());
      assertEquals("chat", failure.error().id());
      assertEquals(Processed.YES, failure.processed());
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void cancelEndsTheHandler(String program) throws Exception {
    try (GoPeer peer = start(program);
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = open(caller, peer, "Greeter.Chat", WireType.PROTO, SendOptions.DEFAULT);
      stream.write(bytes(ChatRequest.newBuilder().setText("one").build()));
      stream.next();
      assertEquals("call", peer.nextEvent().getString("event"));

      stream.cancel();

      assertEquals(499, stream.failure().code());
      assertEquals("ended", peer.nextEvent().getString("event"));
    }
  }

  /** Real time: servers since v4.10 close what was silent for 5 s. Our own clock stands still. */
  @ParameterizedTest
  @ValueSource(strings = {GoPeer.V4})
  void aConnectionThatTheServerClosesUnusedIsNoFailure(String program) throws Exception {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    TransportObserver observer =
        new TransportObserver() {
          @Override
          public void connectionClosed(String protocol, String address) {
            gone.complete(null);
          }
        };
    Vertx vertx = Vertx.vertx();
    try (GoPeer peer = start(program)) {
      MucpTransport transport =
          MucpTransport.create(
              vertx, new SteppedTime(), observer, PoolLimits.DEFAULT, new MucpOptions());
      Node node = MucpCaller.node(peer.address());
      MucpCaller.await(transport.connect(node, Duration.ofSeconds(5)));

      MucpCaller.await(gone);

      Message reply =
          MucpCaller.await(
              transport.send(node, hello(), Deadline.NONE, SendOptions.DEFAULT).reply());
      assertEquals("Hello Ada", decode(reply, HelloReply.class).getGreeting());
      MucpCaller.await(transport.close(Deadline.NONE));
    } finally {
      MucpCaller.await(vertx.close());
    }
  }

  private static GoPeer start(String program) throws InterruptedException {
    return GoPeer.start(program, "test.svc", "-server", "mucp");
  }

  private static Message hello() {
    return request(
        "Greeter.Hello", WireType.PROTO, HelloRequest.newBuilder().setName("Ada").build());
  }

  private static Message request(String endpoint, String contentType, MessageLite body) {
    boolean raw = contentType.equals(WireType.BYTES);
    return Message.request("test.svc", endpoint)
        .contentType(contentType)
        .body(raw ? bytes(body) : CODECS.encode(contentType, body))
        .build();
  }

  private static Call call(MucpCaller caller, GoPeer peer, Message request) {
    return caller.call(MucpCaller.node(peer.address()), request, Deadline.NONE);
  }

  private static RpcException failure(
      MucpCaller caller, GoPeer peer, String endpoint, MessageLite body) {
    return call(caller, peer, request(endpoint, WireType.PROTO, body)).failure();
  }

  private static Stream open(
      MucpCaller caller, GoPeer peer, String endpoint, String form, SendOptions options) {
    Message head = Message.request("test.svc", endpoint).contentType(form).build();
    return caller.open(MucpCaller.node(peer.address()), head, options);
  }

  private static <T> T next(Stream stream, String form, Class<T> type) {
    return CODECS.decode(form, Buffer.buffer(stream.nextBytes()), TypeRef.of(type));
  }

  private static Buffer bytes(MessageLite message) {
    return Buffer.buffer(message.toByteArray());
  }

  private static <T> T decode(Message reply, Class<T> type) {
    return CODECS.decode(reply.contentType(), reply.body(), TypeRef.of(type));
  }
}
