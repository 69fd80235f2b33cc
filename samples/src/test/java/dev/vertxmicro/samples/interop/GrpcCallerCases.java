// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static dev.vertxmicro.samples.interop.Wired.SERVICE;
import static dev.vertxmicro.samples.interop.Wired.await;
import static dev.vertxmicro.samples.interop.Wired.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.ChatReply;
import dev.vertxmicro.greeter.ChatRequest;
import dev.vertxmicro.greeter.CountReply;
import dev.vertxmicro.greeter.CountRequest;
import dev.vertxmicro.greeter.FailReply;
import dev.vertxmicro.greeter.FailRequest;
import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.greeter.SlowReply;
import dev.vertxmicro.greeter.SlowRequest;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.grpc.FlakyProxy;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.FrameType;
import dev.vertxmicro.runtime.grpc.SeenFrame;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerCall;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.server.ServerStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The gRPC clients of go-micro call what this runtime serves. */
abstract class GrpcCallerCases {

  private final CompletableFuture<RpcException> cancelled = new CompletableFuture<>();
  private Vertx vertx;
  private RpcServer server;
  private FlakyProxy proxy;

  @BeforeEach
  void serve() throws Exception {
    vertx = Vertx.vertx();
    server =
        RpcServer.create(vertx, new ServerOptions(SERVICE))
            .handle("Greeter.Hello", HelloRequest.class, GrpcCallerCases::hello)
            .handle("Greeter.Fail", FailRequest.class, GrpcCallerCases::fail)
            .handle("Greeter.Slow", SlowRequest.class, this::slow)
            .handleServerStream("Greeter.Count", CountRequest.class, GrpcCallerCases::count)
            .handleStream("Greeter.Chat", ChatRequest.class, GrpcCallerCases::chat);
    await(server.start(MemoryRegistry.create(vertx)));
    proxy = FlakyProxy.to(Wired.port(server.node().address()));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    await(server.close());
    await(vertx.close());
  }

  private static Future<HelloReply> hello(HelloRequest request) {
    return Future.succeededFuture(
        HelloReply.newBuilder().setGreeting("Hello " + request.getName()).build());
  }

  private static Future<FailReply> fail(FailRequest request) {
    return Future.failedFuture(
        RpcException.of(
                RpcError.of(request.getId(), request.getCode(), request.getDetail()),
                GrpcStatus.ofMicroCode(request.getCode()))
            .build());
  }

  private Future<SlowReply> slow(SlowRequest request, ServerCall call) {
    Promise<SlowReply> reply = Promise.promise();
    call.cancelled().onSuccess(cancelled::complete).onSuccess(reply::fail);
    return reply.future();
  }

  private static Future<?> count(
      CountRequest request, ServerStream<CountRequest, CountReply> replies) {
    return Future.all(
        IntStream.rangeClosed(1, (int) request.getTo())
            .mapToObj(i -> replies.write(CountReply.newBuilder().setNumber(i).build()))
            .toList());
  }

  private static Future<?> chat(ServerStream<ChatRequest, ChatReply> stream) {
    Promise<Void> done = Promise.promise();
    stream.exceptionHandler(done::tryFail);
    stream.endHandler(end -> done.tryComplete());
    stream.handler(
        request -> {
          if (request.getFailCode() != 0) {
            done.tryFail(
                RpcException.of(
                        RpcError.of("chat", request.getFailCode(), request.getText()),
                        GrpcStatus.ofMicroCode(request.getFailCode()))
                    .build());
          } else {
            stream.write(ChatReply.newBuilder().setText(request.getText()).build());
          }
        });
    stream.resume();
    return done.future();
  }

  private JsonObject call(String program, String endpoint, JsonObject request, String... more)
      throws InterruptedException {
    List<String> flags = new ArrayList<>(List.of("-name", SERVICE));
    flags.addAll(List.of(more));
    return GoPeer.call(
        program, "127.0.0.1:" + proxy.port(), endpoint, request, flags.toArray(String[]::new));
  }

  @InteropCase(
      number = "14a",
      value =
          "G calls J: `x-content-type`, `timeout` in ns and metadata are taken; bare replies of the"
              + " same type")
  void goMicroCalls(String program) throws Exception {
    JsonObject outcome =
        call(program, "Greeter.Hello", new JsonObject().put("name", "Ada"), "-metadata", "A-b=c");

    assertEquals("Hello Ada", outcome.getJsonObject("reply").getString("greeting"));
    SeenFrame request = request();
    assertEquals("/" + SERVICE + ".Greeter/Hello", header(request, ":path"));
    assertEquals("application/grpc+proto", header(request, "content-type"));
    assertEquals("application/grpc+proto", header(request, "x-content-type"));
    assertTrue(Long.parseLong(header(request, "timeout")) <= 5_000_000_000L, request::toString);
    assertEquals("c", header(request, "a-b"));
    SeenFrame head = replies().get(0);
    assertEquals("application/grpc+proto", header(head, "content-type"));
  }

  private SeenFrame request() {
    return proxy
        .tap()
        .awaitFrame("a request", 0, Direction.TO_SERVER, frame -> frame.is(FrameType.HEADERS));
  }

  private List<SeenFrame> replies() {
    return proxy.tap().frames(0, Direction.TO_CLIENT).stream()
        .filter(frame -> frame.is(FrameType.HEADERS))
        .toList();
  }

  @InteropCase(
      number = "14b",
      value = "J's error: `errors.Error` in the trailers, read by G with code, id and detail")
  void goMicroReadsOurErrors(String program) throws Exception {
    for (int code : new int[] {400, 404, 418, 503}) {
      JsonObject error =
          call(
                  program,
                  "Greeter.Fail",
                  new JsonObject().put("code", code).put("id", "j").put("detail", "caf\u00e9 50 %"))
              .getJsonObject("error");

      assertEquals(code, error.getInteger("code"));
      assertEquals("j", error.getString("id"));
      assertEquals("caf\u00e9 50 %", error.getString("detail"));
    }
    SeenFrame trailers = replies().get(0);
    assertTrue(trailers.endsStream(), trailers::toString);
    header(trailers, "grpc-status-details-bin");
  }

  @InteropCase(number = "14c", value = "G's timeout: J's handler is told, and G has 408")
  void goMicrosTimeoutIsKept(String program) throws Exception {
    JsonObject outcome = call(program, "Greeter.Slow", new JsonObject(), "-timeout", "300ms");

    assertEquals(408, outcome.getJsonObject("error").getInteger("code"), outcome::encode);
    assertTrue(cancelled.get(20, TimeUnit.SECONDS).code() >= 408);
  }

  @InteropCase(number = "14d", value = "what J does not serve: `grpc-status` 12, G has 501")
  void goMicroAsksForWhatIsNotThere(String program) throws Exception {
    JsonObject outcome = call(program, "Greeter.Nope", new JsonObject());

    assertEquals(501, outcome.getJsonObject("error").getInteger("code"), outcome::encode);
    assertEquals("12", header(replies().get(0), "grpc-status"));
  }

  @InteropCase(
      number = "14e",
      value = "G opens a server's stream of J and does not half-close; all replies, then its end")
  void goMicroReadsOurStream(String program) throws Exception {
    List<JsonObject> lines = stream(program, "Greeter.Count", "{\"to\":50}\n");

    assertEquals(51, lines.size(), lines::toString);
    assertEquals("50", lines.get(49).getJsonObject("received").getString("number"));
    assertTrue(lines.get(50).getBoolean("ended"), lines::toString);
  }

  @InteropCase(
      number = "14f",
      value = "G streams both ways with J; J's error in the middle is in what G reads")
  void goMicroChats(String program) throws Exception {
    List<JsonObject> well = stream(program, "Greeter.Chat", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    List<JsonObject> badly =
        stream(program, "Greeter.Chat", "{\"text\":\"a\"}\n{\"text\":\"no\",\"failCode\":418}\n");

    assertEquals(List.of("a", "b"), texts(well));
    assertTrue(well.get(2).getBoolean("ended"), well::toString);
    String other = badly.get(badly.size() - 1).getString("other");
    assertTrue(other.contains("\"code\":418") && other.contains("\"detail\":\"no\""), other);
  }

  private static List<String> texts(List<JsonObject> lines) {
    return lines.stream()
        .filter(line -> line.containsKey("received"))
        .map(line -> line.getJsonObject("received").getString("text"))
        .toList();
  }

  private List<JsonObject> stream(String program, String endpoint, String messages)
      throws InterruptedException {
    return GoPeer.lines(
        program,
        messages,
        "-mode",
        "stream",
        "-name",
        SERVICE,
        "-target",
        "127.0.0.1:" + proxy.port(),
        "-endpoint",
        endpoint);
  }
}
