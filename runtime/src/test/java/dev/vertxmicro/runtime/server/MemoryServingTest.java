// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server's endpoints over memory, through a client as any other. */
class MemoryServingTest {

  private static final String ADDRESS = "echo.memory:1";

  private final Vertx vertx = Vertx.vertx();
  private final MemoryTransport transport = MemoryTransport.create(TimeSource.of(vertx));
  private final Promise<RpcException> left = Promise.promise();
  private RpcClient client;

  @BeforeEach
  void serve() {
    RpcServer.create(vertx, new ServerOptions("echo").setMaxRequestBytes(100).setMaxReplyBytes(50))
        .handle("Echo.Say", String.class, this::say)
        .<String, String>handleStream("Echo.Chat", String.class, this::chat)
        .<String, Long>handleServerStream("Echo.Count", String.class, this::count)
        .serveInMemory(transport, ADDRESS);
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol(MemoryTransport.PROTOCOL))
            .withRegistry(StaticRegistry.of("echo", ADDRESS))
            .withTransport(transport)
            .build();
  }

  private Future<String> say(String text, ServerCall call) {
    return switch (text) {
      case "throw" -> throw new IllegalStateException("broken");
      case "null" -> null;
      case "fail" ->
          Future.failedFuture(
              RpcException.of(RpcError.of("tea", 418, "a pot"), GrpcStatus.UNKNOWN).build());
      case "headers" -> {
        call.replyHeader("x-head", "h").replyTrailer("x-trail", "t");
        yield Future.succeededFuture(
            call.endpoint() + " " + call.metadata().get("x-mine") + call.remoteAddress());
      }
      case "wait" -> {
        call.cancelled().onComplete(left);
        yield Promise.<String>promise().future();
      }
      case "long" -> Future.succeededFuture("x".repeat(100));
      default -> Future.succeededFuture(text);
    };
  }

  private Future<?> chat(ServerStream<String, String> stream) {
    Promise<Void> end = Promise.promise();
    stream.call().cancelled().onComplete(left);
    stream
        .handler(
            text -> {
              if (text.equals("throw")) {
                throw new IllegalStateException("broken");
              }
              stream.write("re: " + text);
            })
        .exceptionHandler(end::tryFail)
        .endHandler(end::tryComplete)
        .resume();
    return end.future();
  }

  private Future<?> count(String to, ServerStream<String, Long> replies) {
    Future<Void> written = Future.succeededFuture();
    for (long number = 1; number <= Long.parseLong(to); number++) {
      long each = number;
      written = written.compose(taken -> replies.write(each));
    }
    return written;
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  private Future<String> call(String endpoint, String text) {
    return client.call(Request.of("echo", endpoint, text, String.class));
  }

  private RpcException failure(String endpoint, String text) {
    return assertThrows(RpcException.class, () -> await(call(endpoint, text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Echo.Say", "/any.pkg.Echo/Say"})
  void answersByEndpointAndByPath(String endpoint) throws Exception {
    assertEquals("hello", await(call(endpoint, "hello")));
  }

  @Test
  void carriesHeadersBothWays() throws Exception {
    Request<String, String> request =
        Request.of("echo", "Echo.Say", "headers", String.class).withMetadata("x-mine", "m");

    Reply<String> reply = await(client.start(request).response());

    assertEquals("Echo.Say m", reply.body());
    assertEquals("h", reply.headers().get("x-head"));
    assertEquals("t", reply.trailers().get("x-trail"));
  }

  @Test
  void runsOnTheThreadOfTheCaller() throws Exception {
    Promise<Thread> served = Promise.promise();
    Promise<Thread> caller = Promise.promise();
    RpcServer.create(vertx, new ServerOptions("echo"))
        .handle(
            "Echo.Say",
            String.class,
            text -> {
              served.complete(Thread.currentThread());
              return Future.succeededFuture(text);
            })
        .serveInMemory(transport, ADDRESS);

    vertx.runOnContext(
        here -> {
          caller.complete(Thread.currentThread());
          call("Echo.Say", "hello");
        });

    assertSame(await(caller.future()), await(served.future()));
  }

  /** The default of 30 s would hold, if nothing were handed on. */
  @ParameterizedTest
  @ValueSource(strings = {"Echo.Pass", "Echo.PassStream"})
  void callsOfAHandlerInheritItsDeadline(String endpoint) throws Exception {
    Request<String, Long> left = Request.of("echo", "Echo.Left", "", Long.class);
    RpcServer.create(vertx, new ServerOptions("echo"))
        .handle(
            "Echo.Left",
            String.class,
            (text, call) -> Future.succeededFuture(call.deadline().remaining().toMillis()))
        .handle("Echo.Pass", String.class, text -> client.call(left))
        .<String, Long>handleServerStream(
            "Echo.PassStream",
            String.class,
            (text, replies) -> client.call(left).compose(replies::write))
        .serveInMemory(transport, ADDRESS);
    Request<String, Long> request = Request.of("echo", endpoint, "", Long.class);
    CallOption[] tenSeconds = {
      CallOption.timeout(Duration.ofSeconds(10)), CallOption.streamTimeout(Duration.ofSeconds(10))
    };

    long millis =
        endpoint.endsWith("Stream")
            ? await(client.stream(request, tenSeconds).compose(MemoryServingTest::replies)).get(0)
            : await(client.call(request, tenSeconds));

    assertTrue(millis > 0 && millis <= 10_000, millis + " ms");
  }

  @Test
  void aHandlerThatWritesAsMuchAsItMaySeesWhenTheQueueIsFull() throws Exception {
    RpcServer.create(vertx, new ServerOptions("echo"))
        .<String, String>handleServerStream(
            "Echo.Fill",
            String.class,
            (text, replies) -> {
              Future<Void> written = Future.succeededFuture();
              for (int i = 0; i < 100_000 && !replies.writeQueueFull(); i++) {
                written = replies.write("x".repeat(1_000));
              }
              return written;
            })
        .serveInMemory(transport, ADDRESS);

    List<String> taken =
        await(
            client.stream(Request.of("echo", "Echo.Fill", "", String.class))
                .compose(MemoryServingTest::replies));

    assertTrue(taken.size() > 10 && taken.size() < 1_000, taken.size() + " replies");
  }

  @Test
  void failsAsAServerDoes() {
    assertEquals(418, failure("Echo.Say", "fail").code());
    assertEquals("tea", failure("Echo.Say", "fail").error().id());
    assertTrue(failure("Echo.Say", "throw").getMessage().contains("panic recovered: broken"));
    assertTrue(failure("Echo.Say", "null").getMessage().contains("returned null"));
    assertEquals(GrpcStatus.UNIMPLEMENTED, failure("Echo.Nothing", "x").grpcStatus());
    assertTrue(failure("Echo.Nothing", "x").getMessage().contains("unknown service Echo.Nothing"));
    assertEquals(GrpcStatus.UNIMPLEMENTED, failure("Nobody.Say", "x").grpcStatus());
    assertTrue(failure("Echo.Chat", "x").getMessage().contains("a call (expected: streams)"));
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure("Echo.Say", "x".repeat(101)).grpcStatus());
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure("Echo.Say", "long").grpcStatus());
  }

  @Test
  void tellsAHandlerThatItsCallerHasLeft() throws Exception {
    var call = client.start(Request.of("echo", "Echo.Say", "wait", String.class));
    call.cancel("enough");

    assertEquals(499, await(left.future()).code());
  }

  private Future<RpcStream<String, String>> open(String endpoint) {
    return client.stream(Request.stream("echo", endpoint, String.class, String.class));
  }

  private static <R> Future<List<R>> replies(RpcStream<?, R> stream) {
    Future<List<R>> all = stream.collect(Collectors.toList());
    stream.resume();
    return all;
  }

  @Test
  void servesStreams() throws Exception {
    assertEquals(
        List.of("re: a", "re: b"),
        await(
            open("Echo.Chat")
                .compose(
                    stream -> {
                      stream.write("a");
                      stream.write("b");
                      stream.end();
                      return replies(stream);
                    })));
    assertEquals(
        List.of(1L, 2L, 3L),
        await(
            client.stream(Request.of("echo", "Echo.Count", "3", Long.class))
                .compose(MemoryServingTest::replies)));
  }

  @Test
  void aStreamFailsAsAServersDoes() {
    Future<List<String>> thrown =
        open("Echo.Chat")
            .compose(
                stream -> {
                  stream.write("throw");
                  return replies(stream);
                });
    Future<List<String>> tooLarge =
        open("Echo.Chat")
            .compose(
                stream -> {
                  stream.write("x".repeat(101));
                  return replies(stream);
                });

    assertTrue(
        assertThrows(RpcException.class, () -> await(thrown)).getMessage().contains("broken"));
    assertEquals(
        GrpcStatus.RESOURCE_EXHAUSTED,
        assertThrows(RpcException.class, () -> await(tooLarge)).grpcStatus());
    assertThrows(RpcException.class, () -> await(open("Echo.Say").compose(s -> replies(s))));
  }

  @Test
  void tellsAStreamThatItsCallerHasLeft() throws Exception {
    RpcStream<String, String> stream = await(open("Echo.Chat"));
    stream.cancel("enough");

    assertEquals(499, await(left.future()).code());
  }

  @Test
  void isOverWhenTheTransportSaysSo() {
    transport.stop(ADDRESS);

    assertEquals(GrpcStatus.UNAVAILABLE, failure("Echo.Say", "hello").grpcStatus());
  }

  @Test
  void boundsOfTheCallerHoldToo() {
    RpcException failure =
        assertThrows(
            RpcException.class,
            () ->
                await(
                    client.call(
                        Request.of("echo", "Echo.Say", "hello", String.class),
                        CallOption.maxReplyBytes(2))));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
  }
}
