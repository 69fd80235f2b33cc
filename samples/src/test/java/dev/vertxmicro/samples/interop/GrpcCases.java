// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.SERVICE;
import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.header;
import static dev.vertxmicro.samples.interop.Wired.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
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
import dev.vertxmicro.greeter.NativeRequest;
import dev.vertxmicro.greeter.PanicRequest;
import dev.vertxmicro.greeter.PlainErrorRequest;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.greeter.SumReply;
import dev.vertxmicro.greeter.SumRequest;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.FrameType;
import dev.vertxmicro.runtime.grpc.SeenFrame;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.ReadStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** This runtime calls gRPC services of go-micro. */
abstract class GrpcCases {

  private static final HelloRequest ADA = HelloRequest.newBuilder().setName("Ada").build();
  private static final long HTTP2_CANCEL = 8;

  @InteropCase(
      number = "1",
      value =
          "J calls, protobuf: path `/<service>.Greeter/Hello`, `application/grpc+proto`, `timeout`"
              + " in ns and `grpc-timeout`")
  void callsWithProtobuf(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      Reply<HelloReply> reply =
          wired.call("Greeter.Hello", ADA, HelloReply.class, within(Duration.ofSeconds(20)));

      assertEquals("Hello Ada", reply.body().getGreeting());
      assertEquals(wired.peer().address(), reply.body().getServedBy());
      SeenFrame request = wired.request();
      assertEquals("POST", header(request, ":method"));
      assertEquals("/" + SERVICE + ".Greeter/Hello", header(request, ":path"));
      assertEquals("application/grpc+proto", header(request, "content-type"));
      assertEquals("trailers", header(request, "te"));
      long nanos = Long.parseLong(header(request, "timeout"));
      assertTrue(nanos > 15_000_000_000L && nanos <= 20_000_000_000L, () -> nanos + " ns");
      assertTrue(header(request, "grpc-timeout").matches("\\d{1,8}[HMSmun]"), request::toString);
      assertEquals("0", header(wired.trailers(), "grpc-status"));
    }
  }

  @InteropCase(
      number = "2",
      value = "J calls, JSON: `application/grpc+json`, names in snake_case of the reply are read")
  void callsWithJson(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      Reply<HelloReply> reply =
          wired.call(
              "Greeter.Hello", ADA, HelloReply.class, CallOption.contentType("application/json"));

      assertEquals(wired.peer().address(), reply.body().getServedBy());
      assertEquals("application/grpc+json", header(wired.request(), "content-type"));
      String data = data(wired, Direction.TO_CLIENT);
      assertTrue(data.contains("\"served_by\""), data);
    }
  }

  private static String data(Wired wired, Direction direction) {
    StringBuilder text = new StringBuilder();
    for (SeenFrame frame : wired.tap().frames(0, direction)) {
      if (frame.is(FrameType.DATA)) {
        text.append(frame.payload().toString(StandardCharsets.UTF_8));
      }
    }
    return text.toString();
  }

  @InteropCase(number = "3a", value = "J calls `/pkg.Greeter/Hello`: the path goes as it is")
  void sendsAPathAsItIs(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      Reply<HelloReply> reply = wired.call("/pkg.Greeter/Hello", ADA, HelloReply.class);

      assertEquals("Hello Ada", reply.body().getGreeting());
      assertEquals("/pkg.Greeter/Hello", header(wired.request(), ":path"));
    }
  }

  @InteropCase(
      number = "3b",
      value =
          "J calls `a.b.C.D`: refused by J, and nothing is sent; G sends what no server accepts")
  void refusesEndpointsOfSeveralDots(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure = wired.failure("a.b.C.D", ADA);

      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals(0, wired.tap().connections());
      JsonObject go = GoPeer.call(program, wired.address(), "a.b.C.D", new JsonObject());
      assertTrue(go.getJsonObject("error").getInteger("code") >= 500, go::encode);
      assertEquals(List.of(), wired.peer().takeEvents());
    }
  }

  @InteropCase(
      number = "4",
      value = "bare `application/grpc`: a protobuf reply of the same bare type, which J reads")
  void aBareContentTypeIsProtobuf(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RawGrpc reply =
          RawGrpc.call(
              wired.vertx(),
              wired.address(),
              "/" + SERVICE + ".Greeter/Hello",
              Map.of("content-type", "application/grpc", "te", "trailers"),
              ADA);

      assertEquals(0, reply.status());
      assertEquals("application/grpc", reply.headers().get("content-type"));
      assertEquals("Hello Ada", HelloReply.parseFrom(reply.message()).getGreeting());
      HelloReply ours =
          wired
              .call(
                  "Greeter.Hello",
                  ADA,
                  HelloReply.class,
                  CallOption.contentType("application/grpc"))
              .body();
      assertEquals("Hello Ada", ours.getGreeting());
    }
  }

  @InteropCase(
      number = "5",
      value =
          "G's error of code 418: `grpc-status` 2, JSON and `errors.Error` in the trailers; J has"
              + " code, id, detail")
  void readsGoMicrosErrors(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure =
          wired.failure(
              "Greeter.Fail",
              FailRequest.newBuilder()
                  .setCode(418)
                  .setId("my.id")
                  .setDetail("caf\u00e9 100 %")
                  .build());

      assertEquals(418, failure.code());
      assertEquals("my.id", failure.error().id());
      assertEquals("caf\u00e9 100 %", failure.detail());
      assertEquals("I'm a teapot", failure.error().status());
      assertEquals(Processed.YES, failure.processed());
      SeenFrame trailers = wired.trailers();
      assertEquals("2", header(trailers, "grpc-status"));
      assertTrue(header(trailers, "grpc-message").contains("caf%C3%A9"), trailers::toString);
      byte[] details = Base64.getDecoder().decode(header(trailers, "grpc-status-details-bin"));
      assertTrue(
          new String(details, StandardCharsets.ISO_8859_1)
              .contains("type.googleapis.com/errors.Error"));
    }
  }

  @InteropCase(number = "5b", value = "each code of go-micro's errors arrives in J as it was")
  void keepsEveryCode(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      for (int code : new int[] {400, 401, 403, 404, 405, 408, 409, 412, 500, 501, 503}) {
        RpcException failure =
            wired.failure(
                "Greeter.Fail",
                FailRequest.newBuilder().setCode(code).setId("g").setDetail("d").build(),
                CallOption.retries(0));

        assertEquals(code, failure.code());
        assertEquals("g", failure.error().id());
      }
    }
  }

  @InteropCase(
      number = "6a",
      value = "G's plain error: `grpc-status` 2, no details; J has code 500, id go.micro.client")
  void readsPlainErrors(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure =
          wired.failure(
              "Greeter.PlainError", PlainErrorRequest.newBuilder().setText("broken").build());

      assertEquals(500, failure.code());
      assertEquals("go.micro.client", failure.error().id());
      assertEquals("broken", failure.detail());
      assertEquals("2", header(wired.trailers(), "grpc-status"));
      assertTrue(wired.trailers().header("grpc-status-details-bin").isEmpty());
    }
  }

  @InteropCase(
      number = "6b",
      value = "a gRPC status that a handler of G returns: lost in G, arrives as 2 with its text")
  void aNativeStatusIsLostInGoMicro(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure =
          wired.failure(
              "Greeter.Native", NativeRequest.newBuilder().setCode(8).setMessage("full").build());

      assertEquals(GrpcStatus.UNKNOWN, failure.grpcStatus());
      assertTrue(failure.detail().contains("ResourceExhausted"), failure::detail);
      assertEquals("2", header(wired.trailers(), "grpc-status"));
    }
  }

  @InteropCase(
      number = "7",
      value =
          "a handler of G panics: `grpc-status` 13, id go.micro.server; the connection lives on")
  void readsPanics(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure =
          wired.failure("Greeter.Panic", PanicRequest.newBuilder().setText("boom").build());

      assertEquals(500, failure.code());
      assertEquals("go.micro.server", failure.error().id());
      assertEquals("panic recovered: boom", failure.detail());
      assertEquals("13", header(wired.trailers(), "grpc-status"));
      wired.call("Greeter.Hello", ADA, HelloReply.class);
      assertEquals(1, wired.tap().connections());
    }
  }

  @InteropCase(number = "8", value = "unknown service or method: `grpc-status` 12; J has code 501")
  void readsWhatIsNotThere(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      for (String unknown : List.of("Nobody.Hello", "Greeter.Nope")) {
        RpcException failure = wired.failure(unknown, ADA);

        assertEquals(501, failure.code());
        assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
      }
      assertEquals("12", header(wired.trailers(), "grpc-status"));
    }
  }

  @InteropCase(
      number = "9",
      value =
          "1 s for a handler that takes 30 s: its context has at most 1 s and ends; J has 408 and"
              + " sends RST_STREAM, then nothing")
  void aDeadlineIsKeptByBothEnds(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcException failure =
          wired.failure(
              "Greeter.Slow",
              SlowRequest.newBuilder().setSleepMs(30_000).build(),
              within(Duration.ofSeconds(1)));

      // Also where G's own end of the deadline is first: it answers "context canceled" then.
      assertEquals(408, failure.code(), failure::toString);
      JsonObject called = wired.peer().nextEvent();
      long remaining = called.getLong("remainingMs");
      assertTrue(remaining > 0 && remaining <= 1_000, called::encode);
      assertEquals("cancelled", wired.peer().nextEvent().getString("event"));
      wired.call("Greeter.Hello", ADA, HelloReply.class);
      int slow = wired.request().streamId();
      List<SeenFrame> ofIt =
          wired.sent().stream().filter(frame -> frame.streamId() == slow).toList();
      // The server may have been first to end the stream, with trailers or a reset.
      Predicate<SeenFrame> reset = frame -> frame.is(FrameType.RST_STREAM);
      if (ofIt.stream().anyMatch(reset)) {
        assertEquals(HTTP2_CANCEL, ofIt.stream().filter(reset).findFirst().get().errorCode());
      } else {
        wired.endByServer(slow);
      }
      List<SeenFrame> after = ofIt.stream().dropWhile(reset.negate()).toList();
      assertEquals(0, count(after, FrameType.HEADERS) + count(after, FrameType.DATA));
      assertEquals(1, count(ofIt, FrameType.HEADERS), ofIt::toString);
    }
  }

  private static long count(List<SeenFrame> frames, FrameType type) {
    return frames.stream().filter(frame -> frame.is(type)).count();
  }

  @InteropCase(
      number = "10",
      value = "`timeout` without `grpc-timeout` gives G's handler a deadline")
  void theTimeoutHeaderIsEnough(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RawGrpc reply =
          RawGrpc.call(
              wired.vertx(),
              wired.address(),
              "/" + SERVICE + ".Greeter/Hello",
              Map.of(
                  "content-type", "application/grpc+proto",
                  "te", "trailers",
                  "timeout", "7000000000"),
              ADA);

      assertEquals(0, reply.status());
      JsonObject called = wired.peer().nextEvent();
      assertTrue(called.getBoolean("deadline"), called::encode);
      assertTrue(called.getLong("remainingMs") <= 7_000, called::encode);
      assertTrue(wired.request().header("grpc-timeout").isEmpty());
    }
  }

  @InteropCase(
      number = "11",
      value = "J does not compress unasked; a gzip request is answered with 12 by G")
  void gzipIsNotUnderstood(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      wired.call("Greeter.Hello", ADA, HelloReply.class);

      assertTrue(wired.request().header("grpc-encoding").isEmpty());
      List<SeenFrame> data =
          wired.sent().stream().filter(frame -> frame.is(FrameType.DATA)).toList();
      assertEquals(0, data.get(0).payload().getByte(0), "the flag that says compressed");
      RawGrpc reply =
          RawGrpc.call(
              wired.vertx(),
              wired.address(),
              "/" + SERVICE + ".Greeter/Hello",
              Map.of(
                  "content-type", "application/grpc+proto",
                  "te", "trailers",
                  "grpc-encoding", "gzip"),
              ADA);
      assertEquals(12, reply.status());
    }
  }

  @InteropCase(
      number = "12a",
      value = "bidirectional: two messages each way, half-close, trailers 0; `ended` in G")
  void streamsBothWays(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<ChatRequest, ChatReply> chat =
          wired.stream(Request.stream(SERVICE, "Greeter.Chat", ChatRequest.class, ChatReply.class));
      BlockingQueue<Object> seen = read(chat);

      for (String text : List.of("a", "b")) {
        await(chat.write(ChatRequest.newBuilder().setText(text).build()));
        assertEquals(ChatReply.newBuilder().setText(text).build(), take(seen));
      }
      await(chat.end());

      assertEquals("end", take(seen));
      assertEquals("0", header(wired.trailers(), "grpc-status"));
      assertEquals("call", wired.peer().nextEvent().getString("event"));
      JsonObject ended = wired.peer().nextEvent();
      assertEquals(2, ended.getInteger("received"), ended::encode);
      assertFalse(ended.containsKey("error"), ended::encode);
      List<SeenFrame> sent = ofFirstStream(wired);
      assertTrue(sent.get(sent.size() - 1).endsStream(), sent::toString);
      assertTrue(wired.request().header("timeout").isEmpty(), "a stream has no timeout of calls");
    }
  }

  private static List<SeenFrame> ofFirstStream(Wired wired) {
    int first = wired.request().streamId();
    return wired.sent().stream()
        .filter(frame -> frame.streamId() == first && !frame.is(FrameType.WINDOW_UPDATE))
        .toList();
  }

  private static BlockingQueue<Object> read(ReadStream<?> stream) {
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    stream.handler(seen::add);
    stream.exceptionHandler(seen::add);
    stream.endHandler(end -> seen.add("end"));
    stream.resume();
    return seen;
  }

  private static Object take(BlockingQueue<Object> seen) throws InterruptedException {
    Object next = seen.poll(20, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing in 20 s");
    return next;
  }

  @InteropCase(
      number = "12b",
      value = "a handler of G fails in the middle of a stream: J has the same error as in calls")
  void aStreamFailsAsCallsDo(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<ChatRequest, ChatReply> chat =
          wired.stream(Request.stream(SERVICE, "Greeter.Chat", ChatRequest.class, ChatReply.class));
      BlockingQueue<Object> seen = read(chat);
      await(chat.write(ChatRequest.newBuilder().setText("a").build()));
      assertEquals(ChatReply.newBuilder().setText("a").build(), take(seen));

      await(chat.write(ChatRequest.newBuilder().setText("enough").setFailCode(418).build()));

      RpcException failure = (RpcException) take(seen);
      assertEquals(418, failure.code());
      assertEquals("chat", failure.error().id());
      assertEquals("enough", failure.detail());
      assertEquals("2", header(wired.trailers(), "grpc-status"));
    }
  }

  @InteropCase(
      number = "12c",
      value = "J cancels a stream: RST_STREAM CANCEL, and G's handler ends")
  void aStreamIsCancelled(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<ChatRequest, ChatReply> chat =
          wired.stream(Request.stream(SERVICE, "Greeter.Chat", ChatRequest.class, ChatReply.class));
      BlockingQueue<Object> seen = read(chat);
      await(chat.write(ChatRequest.newBuilder().setText("a").build()));
      take(seen);

      chat.cancel("enough");

      assertEquals(499, ((RpcException) take(seen)).code());
      wired.peer().nextEvent();
      JsonObject ended = wired.peer().nextEvent();
      assertEquals("ended", ended.getString("event"), ended::encode);
      assertTrue(ended.containsKey("error"), ended::encode);
      List<SeenFrame> sent = ofFirstStream(wired);
      assertEquals(HTTP2_CANCEL, sent.get(sent.size() - 1).errorCode(), sent::toString);
    }
  }

  @InteropCase(
      number = "13a",
      value = "server streaming: J half-closes after the request, as servers other than G need")
  void readsAServersStream(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<CountRequest, CountReply> count =
          wired.stream(
              Request.of(
                  SERVICE,
                  "Greeter.Count",
                  CountRequest.newBuilder().setTo(1_000).build(),
                  CountReply.class));
      BlockingQueue<Object> seen = read(count);

      for (int i = 1; i <= 1_000; i++) {
        assertEquals(CountReply.newBuilder().setNumber(i).build(), take(seen));
      }
      assertEquals("end", take(seen));
      List<SeenFrame> sent = ofFirstStream(wired);
      assertEquals(1, count(sent, FrameType.HEADERS), sent::toString);
      assertTrue(sent.get(sent.size() - 1).endsStream(), sent::toString);
    }
  }

  @InteropCase(
      number = "13b",
      value = "server streaming without a half-close, as G's clients do it: G answers all the same")
  void aServersStreamNeedsNoHalfClose(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<CountRequest, CountReply> count =
          wired.stream(
              Request.stream(SERVICE, "Greeter.Count", CountRequest.class, CountReply.class));
      BlockingQueue<Object> seen = read(count);
      await(count.write(CountRequest.newBuilder().setTo(3).build()));

      for (int i = 1; i <= 3; i++) {
        assertEquals(CountReply.newBuilder().setNumber(i).build(), take(seen));
      }
      assertEquals("end", take(seen));
    }
  }

  @InteropCase(number = "13c", value = "client streaming: the sum comes after J's half-close")
  void sendsAClientsStream(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      RpcStream<SumRequest, SumReply> sum =
          wired.stream(Request.stream(SERVICE, "Greeter.Sum", SumRequest.class, SumReply.class));
      BlockingQueue<Object> seen = read(sum);
      for (int i = 1; i <= 100; i++) {
        await(sum.write(SumRequest.newBuilder().setNumber(i).build()));
      }
      await(sum.end());

      assertEquals(SumReply.newBuilder().setSum(5_050).build(), take(seen));
      assertEquals("end", take(seen));
    }
  }

  @InteropCase(
      number = "15",
      value =
          "a node refuses the connection: J goes on to the next node, 2 attempts; G's client ends"
              + " with 503")
  void aRefusedConnectionGoesToTheNextNode(String program) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (GoPeer peer = GoPeer.start(program, SERVICE)) {
      String refused = "127.0.0.1:" + FreePorts.one();
      RpcClient client = RpcClient.create(vertx);
      Reply<HelloReply> reply =
          await(
              client
                  .start(
                      Request.of(SERVICE, "Greeter.Hello", ADA, HelloReply.class),
                      CallOption.address(refused, peer.address()))
                  .response());

      assertEquals("Hello Ada", reply.body().getGreeting());
      assertEquals(2, reply.attempts());
      JsonObject go =
          GoPeer.call(program, refused, "Greeter.Hello", new JsonObject(), "-retries", "3");
      assertEquals(503, go.getJsonObject("error").getInteger("code"), go::encode);
      await(client.close());
    } finally {
      await(vertx.close());
    }
  }

  @InteropCase(number = "1b", value = "3 MB of payload there and back")
  void carriesLargeMessages(String program) throws Exception {
    byte[] payload = new byte[3_000_000];
    payload[payload.length - 1] = 7;
    try (Wired wired = Wired.to(program)) {
      EchoReply reply =
          wired
              .call(
                  "Greeter.Echo",
                  EchoRequest.newBuilder().setPayload(ByteString.copyFrom(payload)).build(),
                  EchoReply.class)
              .body();

      assertEquals(ByteString.copyFrom(payload), reply.getPayload());
    }
  }

  @InteropCase(
      number = "1c",
      value = "J's metadata reaches G's handler: `Foo-Bar` up to v5.10, `foo-bar` since")
  void metadataReachesTheHandler(String program) throws Exception {
    try (Wired wired = Wired.to(program)) {
      Map<String, String> seen =
          wired
              .call(
                  "Greeter.Metadata",
                  MetadataRequest.getDefaultInstance(),
                  MetadataReply.class,
                  CallOption.metadata("Foo-Bar", "baz"))
              .body()
              .getMetadataMap();

      assertEquals("baz", header(wired.request(), "foo-bar"));
      String name = program.equals(GoPeer.V5) ? "foo-bar" : "Foo-Bar";
      assertEquals("baz", seen.get(name), () -> new TreeMap<>(seen).toString());
    }
  }
}
