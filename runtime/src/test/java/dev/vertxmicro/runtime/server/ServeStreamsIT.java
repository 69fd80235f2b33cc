// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams between both ends of this runtime, over sockets. */
@Timeout(60)
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class ServeStreamsIT {

  @Parameter GrpcEngine engine;

  private MemoryRegistry registry;
  private final CompletableFuture<RpcException> cancelled = new CompletableFuture<>();
  private final AtomicInteger taken = new AtomicInteger();
  private Vertx vertx;
  private RpcServer server;
  private RpcClient client;
  private RpcCounters counters;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    registry = MemoryRegistry.create(vertx);
    counters = new RpcCounters();
    server =
        RpcServer.create(vertx, new ServerOptions("chat").setDrainTimeout(Duration.ofMillis(200)))
            .handleStream("Chat.Echo", String.class, ServeStreamsIT::echo)
            .handleServerStream("Chat.Count", Integer.class, ServeStreamsIT::count)
            .handleClientStream("Chat.Join", String.class, ServeStreamsIT::join)
            .<String, String>handleStream("Chat.Fail", String.class, ServeStreamsIT::fail)
            .<String, String>handleStream(
                "Chat.Throw",
                String.class,
                stream -> {
                  throw new IllegalStateException("boom");
                })
            .<String, String>handleStream("Chat.ThrowLater", String.class, this::throwLater)
            .<String, String>handleStream("Chat.Hang", String.class, this::hang)
            .<String, String>handleStream("Chat.Slow", String.class, this::slow)
            .handle("Chat.Hello", String.class, name -> Future.succeededFuture("hello " + name));
    await(server.start(registry));
    client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withObserver(counters)
            .withTransport(new GrpcTransports(new GrpcOptions().setEngine(engine)))
            .with(ClientOption.calls(CallOption.retries(0)))
            .build();
  }

  @AfterEach
  void close() {
    await(client.close());
    await(server.close());
    await(vertx.close());
    assertEquals(0, counters.openStreams(), counters.toString());
    assertEquals(0, counters.openCallStreams(), counters.toString());
    assertEquals(0, counters.openLeases(), counters.toString());
    assertEquals(0, counters.openTimers(), counters.toString());
  }

  private static Future<?> echo(ServerStream<String, String> stream) {
    stream.call().replyHeader("x-head", stream.call().metadata().get("x-ask", "nothing"));
    stream.call().replyTrailer("x-tail", "last");
    return stream.pipeTo(stream);
  }

  private static Future<?> count(Integer most, ServerStream<Integer, Integer> replies) {
    return writeFrom(0, most, replies);
  }

  private static Future<Void> writeFrom(int from, int most, ServerStream<Integer, Integer> to) {
    for (int i = from; i < most; i++) {
      if (to.writeQueueFull()) {
        int next = i;
        Promise<Void> drained = Promise.promise();
        to.drainHandler(now -> drained.tryComplete());
        to.exceptionHandler(drained::tryFail);
        return drained.future().compose(now -> writeFrom(next, most, to));
      }
      to.write(i);
    }
    return Future.succeededFuture();
  }

  private static Future<String> join(ServerStream<String, String> requests) {
    return all(requests).map(list -> String.join("+", list));
  }

  private static <T> Future<List<T>> all(ReadStream<T> stream) {
    Promise<List<T>> all = Promise.promise();
    List<T> seen = new ArrayList<>();
    stream.handler(seen::add).endHandler(end -> all.complete(seen));
    stream.exceptionHandler(all::tryFail).resume();
    return all.future();
  }

  private static Future<?> fail(ServerStream<String, String> stream) {
    stream.write("one");
    Promise<Void> done = Promise.promise();
    stream
        .endHandler(
            end ->
                done.fail(
                    RpcException.of(RpcError.of("chat", 409, "no more"), GrpcStatus.ALREADY_EXISTS)
                        .build()))
        .resume();
    return done.future();
  }

  private Future<?> throwLater(ServerStream<String, String> stream) {
    stream.handler(
        request -> {
          throw new IllegalStateException("boom " + request);
        });
    stream.resume();
    return stream.call().cancelled();
  }

  private Future<?> hang(ServerStream<String, String> stream) {
    stream.call().cancelled().onSuccess(cancelled::complete);
    Promise<Void> left = Promise.promise();
    stream.exceptionHandler(failure -> left.complete());
    return left.future();
  }

  /** Takes a message only when asked to by a timer of its own. */
  private Future<?> slow(ServerStream<String, String> stream) {
    Promise<Void> done = Promise.promise();
    stream.handler(
        request -> {
          taken.incrementAndGet();
          vertx.runOnContext(later -> stream.fetch(1));
        });
    stream.endHandler(end -> done.complete()).exceptionHandler(done::tryFail);
    vertx.timer(300, TimeUnit.MILLISECONDS).onSuccess(later -> stream.fetch(1));
    return done.future();
  }

  private RpcStream<String, String> open(String endpoint, CallOption... options) {
    return await(
        client.stream(Request.stream("chat", endpoint, String.class, String.class), options));
  }

  @Test
  void echoesWithHeadersAndTrailers() {
    RpcStream<String, String> stream = open("Chat.Echo", CallOption.metadata("x-ask", "why"));
    assertEquals("why", await(stream.headers()).get("x-head"));
    Future<List<String>> seen = all(stream);

    await(stream.write("one"));
    await(stream.write("two"));
    await(stream.end());

    assertEquals(List.of("one", "two"), await(seen));
    assertEquals("last", await(stream.trailers()).get("x-tail"));
    assertEquals(server.node().id(), stream.node().id());
  }

  @Test
  void theHeadComesBeforeAnyMessage() {
    RpcStream<String, String> stream = open("Chat.Hang");

    await(stream.headers());

    stream.cancel("enough");
    assertEquals(499, await(Future.fromCompletionStage(cancelled)).code());
  }

  @Test
  void answersOneRequestWithManyReplies() {
    Request<Integer, Integer> request = Request.of("chat", "Chat.Count", 20_000, Integer.class);

    List<Integer> seen = await(client.stream(request).compose(ServeStreamsIT::all));

    assertEquals(20_000, seen.size());
    assertEquals(19_999, seen.get(19_999));
  }

  @Test
  void answersManyRequestsWithOneReply() {
    RpcStream<String, String> stream = open("Chat.Join");
    Future<List<String>> seen = all(stream);
    for (String part : List.of("a", "b", "c")) {
      stream.write(part);
    }
    stream.end();

    assertEquals(List.of("a+b+c"), await(seen));
  }

  @Test
  void errorsAreThoseOfCalls() {
    RpcStream<String, String> stream = open("Chat.Fail");
    stream.end();
    List<String> seen = new ArrayList<>();
    stream.handler(seen::add).resume();

    RpcException failure = failure(stream.trailers());

    assertEquals(409, failure.code());
    assertEquals("no more", failure.detail());
    assertEquals(Processed.YES, failure.processed());
    assertEquals(List.of("one"), seen);
    assertTrue(failure.getMessage().contains("Chat.Fail"), failure.getMessage());
  }

  @Test
  void whatAHandlerThrowsIsAPanic() {
    RpcException atOnce = failure(open("Chat.Throw").trailers());
    RpcStream<String, String> stream = open("Chat.ThrowLater");
    stream.write("later");
    RpcException later = failure(stream.trailers());

    assertEquals("panic recovered: boom", atOnce.detail());
    assertEquals("panic recovered: boom later", later.detail());
    assertEquals(GrpcStatus.INTERNAL, later.grpcStatus());
  }

  @Test
  void anUnknownStreamIsUnimplemented() {
    RpcException failure = failure(open("Chat.Nothing").trailers());

    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
    assertEquals(501, failure.code());
  }

  @Test
  void aStreamWithoutItsRequestIsAnError() {
    RpcStream<String, String> stream = open("Chat.Count");
    stream.end();

    assertEquals(GrpcStatus.INTERNAL, failure(stream.trailers()).grpcStatus());
  }

  @Test
  void aCallerThatLeavesEndsTheHandler() {
    RpcStream<String, String> stream = open("Chat.Hang");
    await(stream.headers());

    stream.cancel("enough");

    assertEquals(GrpcStatus.CANCELLED, await(Future.fromCompletionStage(cancelled)).grpcStatus());
  }

  @Test
  void theStreamTimeoutIsTheServersDeadlineToo() {
    RpcStream<String, String> stream =
        open("Chat.Hang", CallOption.streamTimeout(Duration.ofSeconds(3)));

    RpcException failure = failure(stream.trailers());

    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
    // The caller tells of its deadline as well: whichever is first.
    GrpcStatus seen = await(Future.fromCompletionStage(cancelled)).grpcStatus();
    assertTrue(
        seen == GrpcStatus.DEADLINE_EXCEEDED || seen == GrpcStatus.CANCELLED, seen.toString());
  }

  @Test
  void aSlowHandlerStopsTheWriter() {
    RpcStream<String, String> stream = open("Chat.Slow");
    String large = "x".repeat(100_000);
    int written = 0;
    List<Future<Void>> writes = new ArrayList<>();
    while (!await(onContextFull(stream)) && written < 200) {
      writes.add(stream.write(large));
      written++;
    }
    assertTrue(written < 200, "never full");
    Future<List<String>> seen = all(stream);
    stream.end();

    await(Future.all(writes));
    await(seen);
    assertEquals(written, taken.get());
  }

  /** Asks on the stream's context, a while after the last write. */
  private Future<Boolean> onContextFull(RpcStream<String, String> stream) {
    return vertx.timer(5, TimeUnit.MILLISECONDS).map(later -> stream.writeQueueFull());
  }

  @Test
  void closingTheServerEndsStreamsThatWouldNot() {
    RpcStream<String, String> stream = open("Chat.Hang");
    await(stream.headers());

    Future<Void> closed = server.close();

    RpcException failure = failure(stream.trailers());
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    await(closed);
  }

  @Test
  void registersStreamsAsGoMicroDoes() {
    Endpoint echo =
        server.service().endpoints().stream()
            .filter(endpoint -> endpoint.name().equals("Chat.Echo"))
            .findFirst()
            .orElseThrow();
    assertEquals("true", echo.metadata().get("stream"));
    assertFalse(
        server.service().endpoints().stream()
            .filter(endpoint -> endpoint.name().equals("Chat.Hello"))
            .findFirst()
            .orElseThrow()
            .metadata()
            .containsKey("stream"));
    assertEquals(
        "hello Ada", await(client.call(Request.of("chat", "Chat.Hello", "Ada", String.class))));
  }

  private static RpcException failure(Future<?> future) {
    return await(
        future.transform(
            done ->
                done.failed()
                    ? Future.succeededFuture((RpcException) done.cause())
                    : Future.failedFuture("it ended well: " + done.result())));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new AssertionError(e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
