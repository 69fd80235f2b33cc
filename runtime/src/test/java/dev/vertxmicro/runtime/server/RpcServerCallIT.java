// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static dev.vertxmicro.runtime.server.RawCaller.await;
import static dev.vertxmicro.runtime.server.RawCaller.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.StreamResetException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handler sees of its call, and what becomes of calls that do not end well. */
class RpcServerCallIT {

  /** A call whose handler waits for the test. */
  private record Held(ServerCall call, Context context, Promise<Buffer> reply) {}

  private static final String PATH = "/x.Greeter/Ask";
  private static final int MIB_4 = 4 * 1024 * 1024;

  /** Read and moved on the server's event loop only. */
  private final FakeTimeSource time = new FakeTimeSource();

  private final Promise<Held> held = Promise.promise();
  private Vertx vertx;
  private RpcServer server;
  private RawCaller caller;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private void serve(ServerHandler<Buffer, Buffer> handler) throws Exception {
    serve(new ServerOptions("greeter"), handler);
  }

  private void serve(ServerOptions options, ServerHandler<Buffer, Buffer> handler)
      throws Exception {
    server =
        RpcServer.builder(vertx, options)
            .withTime(time)
            .build()
            .handle("Greeter.Ask", Buffer.class, handler)
            .handle(
                "Greeter.Proto",
                HelloRequest.class,
                hello -> Future.succeededFuture(Buffer.buffer(hello.getName())));
    await(server.start());
    caller = new RawCaller(vertx, server.node().address());
  }

  private Future<Buffer> hold(Buffer request, ServerCall call) {
    Promise<Buffer> reply = Promise.promise();
    held.complete(new Held(call, Vertx.currentContext(), reply));
    return reply.future();
  }

  private void advance(Held call, Duration by) {
    call.context.runOnContext(on -> time.advance(by));
  }

  @ParameterizedTest
  @CsvSource({
    "timeout, 999999, 999999",
    "grpc-timeout, 500u, 500000",
    "grpc-timeout, 1S, 1000000000",
    "x-none, 1, 9223372036854775807",
  })
  void tellsTheDeadlineToTheNanosecond(String name, String value, long nanos) throws Exception {
    serve((body, call) -> text(call.deadline().remainingNanos()));

    assertEquals("" + nanos, caller.call(PATH, Buffer.buffer(), name, value).message().toString());
  }

  @Test
  void takesTheShorterOfBothTimeouts() throws Exception {
    serve((body, call) -> text(call.deadline().remainingNanos()));

    RawCaller.Answer answer =
        caller.call(PATH, Buffer.buffer(), "timeout", "30000000000", "grpc-timeout", "2S");

    assertEquals("2000000000", answer.message().toString());
  }

  private static Future<Buffer> text(Object value) {
    return Future.succeededFuture(Buffer.buffer(String.valueOf(value)));
  }

  @Test
  void answersAtTheDeadlineAndTellsTheHandler() throws Exception {
    serve(this::hold);
    Future<RawCaller.Answer> answer =
        caller.send(HttpMethod.POST, PATH, RawCaller.frame(Buffer.buffer()), "timeout", "1000000");
    Held call = await(held.future());

    advance(call, Duration.ofMillis(1));

    assertEquals("4", await(answer).status());
    RpcError error = RpcError.parse(await(answer).trailer("grpc-message"));
    assertEquals(408, error.code());
    assertEquals("go.micro.server", error.id());
    RpcException reason = await(call.call.cancelled());
    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, reason.grpcStatus());
    call.reply.complete(Buffer.buffer("too late"));
    await(server.close());
  }

  @ParameterizedTest
  @CsvSource({"timeout, 0", "grpc-timeout, 0n"})
  void doesNotHandleWhatNobodyWaitsFor(String name, String value) throws Exception {
    serve((body, call) -> Future.failedFuture("handled"));

    RawCaller.Answer answer = caller.call(PATH, Buffer.buffer(), name, value);

    assertEquals("4", answer.status());
    assertTrue(answer.trailer("grpc-message").contains("before"), answer.headers()::toString);
  }

  @Test
  void armsNoTimerOnceTheCallIsAnswered() throws Exception {
    serve(this::hold);
    Future<RawCaller.Answer> answer =
        caller.send(HttpMethod.POST, PATH, RawCaller.frame(Buffer.buffer()), "timeout", "1000000");
    Held call = await(held.future());
    Promise<List<Integer>> armed = Promise.promise();

    call.context.runOnContext(
        on -> {
          int before = time.armed();
          call.reply.complete(Buffer.buffer());
          armed.complete(List.of(before, time.armed()));
        });

    assertEquals(List.of(1, 0), await(armed.future()));
    assertEquals("0", await(answer).status());
  }

  @Test
  void showsTheMetadataButNotTheProtocols() throws Exception {
    Promise<Metadata> seen = Promise.promise();
    serve(
        (body, call) -> {
          seen.complete(call.metadata());
          return text("");
        });

    caller.call(
        PATH,
        Buffer.buffer(),
        "Foo-Bar",
        "baz",
        "micro-from-service",
        "tester",
        "user-agent",
        "grpc-go/1.71.1",
        "x-content-type",
        "application/grpc+proto",
        "timeout",
        "5000000000",
        "grpc-timeout",
        "5S",
        "te",
        "trailers");

    assertEquals(
        Metadata.of(
            "foo-bar", "baz", "micro-from-service", "tester", "user-agent", "grpc-go/1.71.1"),
        await(seen.future()));
  }

  @Test
  void givesDeadlineAndMetadataToTheCallsOfTheHandler() throws Exception {
    Promise<InboundCall> inherited = Promise.promise();
    Promise<Context> own = Promise.promise();
    serve(
        (body, call) -> {
          own.complete(Vertx.currentContext());
          return vertx
              .timer(1)
              .map(
                  later -> {
                    inherited.complete(InboundCall.of(Vertx.currentContext()));
                    return Buffer.buffer();
                  });
        });

    caller.call(PATH, Buffer.buffer(), "timeout", "5000000000", "foo", "bar");

    InboundCall inbound = await(inherited.future());
    assertEquals(Duration.ofSeconds(5), inbound.deadline().remaining());
    assertEquals("bar", inbound.metadata().get("foo"));
    assertTrue(await(own.future()).isEventLoopContext());
  }

  @Test
  void keepsTheCallsApart() throws Exception {
    Promise<Context> first = Promise.promise();
    serve(
        (body, call) -> {
          first.tryComplete(Vertx.currentContext());
          return text(InboundCall.of(Vertx.currentContext()).metadata().get("n", "none"));
        });

    assertEquals("1", caller.call(PATH, Buffer.buffer(), "n", "1").message().toString());
    assertEquals("none", caller.call(PATH, Buffer.buffer()).message().toString());
    Promise<Context> elsewhere = Promise.promise();
    await(first.future()).runOnContext(on -> elsewhere.complete(Vertx.currentContext()));
    assertSame(await(first.future()), await(elsewhere.future()));
    assertNotSame(await(first.future()), vertx.getOrCreateContext());
  }

  @Test
  void sendsReplyHeadersAndTrailers() throws Exception {
    serve(
        (body, call) -> {
          call.replyHeader("x-head", "1").replyTrailer("x-tail", "2").replyTrailer("X-Tail", "3");
          return text("fine");
        });

    RawCaller.Answer answer = caller.call(PATH, Buffer.buffer());

    assertEquals("1", answer.headers().get("x-head"));
    assertEquals(List.of("2", "3"), answer.trailers().getAll("x-tail"));
  }

  @Test
  void sendsTrailersWithAFailure() throws Exception {
    serve(
        (body, call) -> {
          call.replyHeader("x-head", "1").replyTrailer("x-tail", "2");
          return Future.failedFuture("no");
        });

    RawCaller.Answer answer = caller.call(PATH, Buffer.buffer());

    assertEquals("2", answer.status());
    assertEquals("2", answer.trailer("x-tail"));
    assertNull(answer.headers().get("x-head"));
  }

  @ParameterizedTest
  @CsvSource({
    "grpc-status, 1",
    "content-type, x",
    "timeout, 1",
    "a b, 1",
    "x, caf\u00e9",
    "x, 'a\tb'"
  })
  void refusesReplyHeadersThatTheWireCannotCarry(String name, String value) throws Exception {
    serve(
        (body, call) -> {
          assertThrows(IllegalArgumentException.class, () -> call.replyHeader(name, value));
          assertThrows(IllegalArgumentException.class, () -> call.replyTrailer(name, value));
          return text("refused");
        });

    assertEquals("refused", caller.call(PATH, Buffer.buffer()).message().toString());
  }

  @Test
  void tellsTheHandlerThatTheCallerCancelled() throws Exception {
    serve(this::hold);
    HttpClientRequest request = await(caller.open(HttpMethod.POST, PATH));
    request.end(RawCaller.frame(Buffer.buffer()));
    Held call = await(held.future());

    request.reset(8);

    RpcException reason = await(call.call.cancelled());
    assertEquals(499, reason.code());
    assertEquals(GrpcStatus.CANCELLED, reason.grpcStatus());
    call.reply.complete(Buffer.buffer("too late"));
    await(server.close());
  }

  @Test
  void tellsTheHandlerThatTheConnectionIsLost() throws Exception {
    serve(this::hold);
    HttpClientRequest request = await(caller.open(HttpMethod.POST, PATH));
    request.end(RawCaller.frame(Buffer.buffer()));
    Held call = await(held.future());

    await(request.connection().close());

    assertEquals(499, await(call.call.cancelled()).code());
    call.reply.fail("too late");
    await(server.close());
  }

  @Test
  void forgetsARequestThatIsResetBeforeItIsComplete() throws Exception {
    serve(this::hold);
    HttpClientRequest request = await(caller.open(HttpMethod.POST, PATH));
    await(request.write(Buffer.buffer(new byte[3])));

    request.reset(8);

    await(server.close());
    assertFalse(held.future().isComplete());
  }

  @Test
  void doesNotWaitForTheHalfClose() throws Exception {
    serve((body, call) -> Future.succeededFuture(body));
    HttpClientRequest request = await(caller.open(HttpMethod.POST, PATH));
    Future<RawCaller.Answer> answer = RawCaller.answerOf(request);

    request.write(RawCaller.frame(Buffer.buffer("open")));

    assertEquals("open", await(answer).message().toString());
    request.reset(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 70_000, MIB_4})
  void carriesMessagesUpToTheLimit(int size) throws Exception {
    serve((body, call) -> Future.succeededFuture(body));
    Buffer body = Buffer.buffer(new byte[size]);

    RawCaller.Answer answer = caller.call(PATH, body);

    assertEquals("0", answer.status());
    assertEquals(size, answer.message().length());
  }

  @Test
  void refusesARequestAboveTheLimit() throws Exception {
    serve((body, call) -> text("handled"));
    HttpClientRequest request = await(caller.open(HttpMethod.POST, PATH));
    Promise<Throwable> reset = Promise.promise();
    Future<RawCaller.Answer> answer = RawCaller.answerOf(request);
    request.exceptionHandler(reset::tryComplete);

    request.write(Buffer.buffer().appendByte((byte) 0).appendInt(MIB_4 + 1));

    assertEquals("8", await(answer).status());
    assertEquals(
        "grpc: received message larger than max (4194305 vs. 4194304)",
        await(answer).trailer("grpc-message"));
    StreamResetException noError =
        assertInstanceOf(StreamResetException.class, await(reset.future()));
    assertEquals(0, noError.getCode());
  }

  @Test
  void sendsNoReplyAboveTheLimit() throws Exception {
    serve((body, call) -> Future.succeededFuture(Buffer.buffer(new byte[MIB_4 + 1])));

    RawCaller.Answer answer = caller.call(PATH, Buffer.buffer());

    assertTrue(answer.isTrailersOnly());
    assertEquals("8", answer.status());
  }

  @Test
  void refusesCompressedRequests() throws Exception {
    serve((body, call) -> text("handled"));

    RawCaller.Answer answer = caller.call(PATH, Buffer.buffer(), "grpc-encoding", "gzip");

    assertEquals("12", answer.status());
    assertTrue(answer.trailer("grpc-message").contains("Decompressor is not installed"));
  }

  @Test
  void answersBytesThatAreNoMessage() throws Exception {
    serve((body, call) -> text("handled"));

    RawCaller.Answer answer = caller.call("/x.Greeter/Proto", Buffer.buffer("\u0007\u0007"));

    assertEquals("13", answer.status());
    assertTrue(answer.trailer("grpc-message").startsWith("grpc: failed to unmarshal"));
  }

  @Test
  void answersARequestWithoutMessage() throws Exception {
    serve((body, call) -> text("handled"));

    assertEquals("13", await(caller.send(HttpMethod.POST, PATH, Buffer.buffer())).status());
  }

  @Test
  void takesNullForAPanicAndANullReplyForNone() throws Exception {
    serve((body, call) -> body.length() == 0 ? null : Future.succeededFuture());

    assertTrue(
        caller.call(PATH, Buffer.buffer()).trailer("grpc-message").contains("panic recovered"));
    assertTrue(caller.call(PATH, Buffer.buffer("x")).trailer("grpc-message").contains("marshal"));
  }

  @Test
  void takesRepliesFromAnyThread() throws Exception {
    serve(this::hold);
    Future<RawCaller.Answer> answer =
        caller.send(HttpMethod.POST, PATH, RawCaller.frame(Buffer.buffer()));
    Held call = await(held.future());

    call.reply.complete(Buffer.buffer("from the test's thread"));

    assertEquals("from the test's thread", await(answer).message().toString());
    await(server.close());
    assertFalse(call.call.cancelled().isComplete(), "it was answered");
  }

  @Test
  void refusesCallsBeyondItsBound() throws Exception {
    serve(new ServerOptions("greeter").setMaxCalls(1), this::hold);
    Future<RawCaller.Answer> first =
        caller.send(HttpMethod.POST, PATH, RawCaller.frame(Buffer.buffer()));
    Held call = await(held.future());

    Throwable refused =
        failure(caller.send(HttpMethod.POST, PATH, RawCaller.frame(Buffer.buffer())));

    assertEquals(7, assertInstanceOf(StreamResetException.class, refused).getCode());
    call.reply.complete(Buffer.buffer());
    assertEquals("0", await(first).status());
  }

  @Test
  void knowsWhoCalls() throws Exception {
    serve((body, call) -> text(call.endpoint() + " " + call.remoteAddress()));

    String seen = caller.call(PATH, Buffer.buffer()).message().toString();

    assertTrue(seen.startsWith("Greeter.Ask 127.0.0.1:"), seen);
  }
}
