// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.transport.IncomingStream;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A client over scripted nodes in memory, on a clock that the test moves. The body of a test runs
 * on an event loop, so that everything a call does happens inside the test's own statements.
 */
final class Bench implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 10;

  final Vertx vertx = Vertx.vertx();
  final FakeTimeSource time = new FakeTimeSource();
  final RpcCounters counters = new RpcCounters();
  final MemoryTransport transport = MemoryTransport.create("grpc", time, counters);
  final FakeSelector selector = new FakeSelector();

  /** Every request that reached a node, in order. */
  final List<Arrival> arrivals = new ArrayList<>();

  private final Map<String, Deque<Answer>> scripts = new LinkedHashMap<>();
  private final Context context = vertx.getOrCreateContext();
  private RpcClient client;

  Bench() {
    this(builder -> builder);
  }

  Bench(Function<RpcClientBuilder, RpcClientBuilder> changes) {
    client =
        changes
            .apply(
                RpcClient.builder(vertx)
                    .withTransport(transport)
                    .withSelector(selector)
                    .withTimeSource(time)
                    .withObserver(counters))
            .build();
  }

  /** A request as it reached a node. */
  record Arrival(String node, MemoryTransport.Incoming request, Promise<Message> reply) {

    void answer(String text) {
      reply.tryComplete(Bench.message(text));
    }

    void fail(RpcException failure) {
      reply.tryFail(failure);
    }

    boolean isCancelled() {
      return request.cancelled().isComplete();
    }
  }

  RpcClient client() {
    return client;
  }

  /** Serves {@code node} by {@code answers} in turn; when they are used up, it never answers. */
  Bench node(String node, Answer... answers) {
    scripts.put(node, new ArrayDeque<>(List.of(answers)));
    selector.add(node);
    transport.serve(
        node,
        incoming -> {
          Arrival arrival = new Arrival(node, incoming, Promise.promise());
          arrivals.add(arrival);
          Answer answer = scripts.get(node).poll();
          return answer == null ? arrival.reply.future() : answer.to(arrival);
        });
    return this;
  }

  /** Every stream that reached a node, in order. */
  final List<ArrivedStream> streams = new ArrayList<>();

  /** Serves the streams to {@code node} by {@code scripts} in turn; then it does nothing more. */
  Bench streamNode(String node, Script... scripts) {
    Deque<Script> left = new ArrayDeque<>(List.of(scripts));
    selector.add(node);
    transport.serveStreams(
        node,
        incoming -> {
          ArrivedStream stream = new ArrivedStream(node, incoming);
          streams.add(stream);
          Script script = left.poll();
          if (script != null) {
            script.run(stream);
          }
        });
    return this;
  }

  /** A stream as it reached a node: everything that was written is taken at once, until paused. */
  static final class ArrivedStream {
    final String node;
    final IncomingStream incoming;
    final List<String> requests = new ArrayList<>();
    boolean halfClosed;

    ArrivedStream(String node, IncomingStream incoming) {
      this.node = node;
      this.incoming = incoming;
      incoming.requests(
          body -> requests.add(body.toString().replace("\"", "")), () -> halfClosed = true);
      incoming.fetch(Long.MAX_VALUE);
    }

    ArrivedStream head() {
      incoming.head(Metadata.of("x-node", node));
      return this;
    }

    Future<Void> reply(String text) {
      return incoming.write(Buffer.buffer("\"" + text + "\""));
    }

    void end() {
      incoming.end(Metadata.of("x-last", "words"));
    }

    boolean isCancelled() {
      return incoming.cancelled().isComplete();
    }
  }

  /** What a caller sees of a stream. */
  static final class Watched {
    final RpcStream<String, String> stream;
    final List<String> seen = new ArrayList<>();

    Watched(RpcStream<String, String> stream) {
      this.stream = stream;
      stream.handler(seen::add).endHandler(end -> seen.add("end"));
      stream.exceptionHandler(
          failure -> seen.add(((RpcException) failure).grpcStatus().toString()));
    }
  }

  /** Opens a stream with its only request, which is there at once. */
  Future<RpcStream<String, String>> serverStream(CallOption... options) {
    return client.stream(hello(), options);
  }

  /** Opens a stream whose requests are written. */
  Future<RpcStream<String, String>> bidi(CallOption... options) {
    return client.stream(
        Request.stream("greeter", "Greeter.Chat", String.class, String.class), options);
  }

  static Answer ok(String text) {
    return arrival -> Future.succeededFuture(message(text));
  }

  static Answer hang() {
    return arrival -> arrival.reply().future();
  }

  static Answer fail(GrpcStatus status, Processed processed) {
    return arrival -> Future.failedFuture(failure(status, processed));
  }

  static Answer failWithPushback(String pushback) {
    return arrival ->
        Future.failedFuture(
            failure(GrpcStatus.UNAVAILABLE, Processed.YES).toBuilder()
                .metadata(Metadata.of("grpc-retry-pushback-ms", pushback))
                .build());
  }

  static RpcException failure(GrpcStatus status, Processed processed) {
    return RpcException.client(status, "scripted").processed(processed).build();
  }

  private static Message message(String text) {
    return Message.reply().body(Buffer.buffer("\"" + text + "\"")).build();
  }

  Request<String, String> hello() {
    return Request.of("greeter", "Greeter.Hello", "Ada", String.class);
  }

  Future<String> call(CallOption... options) {
    return client.call(hello(), options);
  }

  RpcCall<String> start(CallOption... options) {
    return client.start(hello(), options);
  }

  void advance(long millis) {
    time.advance(Duration.ofMillis(millis));
  }

  /** Returns the nodes that requests reached, in order. */
  List<String> reached() {
    return arrivals.stream().map(Arrival::node).toList();
  }

  static RpcException cause(Future<?> failed) {
    return (RpcException) failed.cause();
  }

  /** Runs a test's body on the event loop and brings back what it throws. */
  void run(Body body) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    context.runOnContext(
        here -> {
          try {
            body.run();
            outcome.complete(null);
          } catch (Throwable failure) {
            outcome.completeExceptionally(failure);
          }
        });
    await(outcome);
  }

  static <T> T await(CompletableFuture<T> outcome) {
    try {
      return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof Error error
          ? error
          : new AssertionError(failed.getCause());
    } catch (TimeoutException late) {
      throw new AssertionError("not done after " + PATIENCE_SECONDS + " s", late);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  static <T> T await(Future<T> future) {
    return await(future.toCompletionStage().toCompletableFuture());
  }

  /** Ends everything and checks that nothing was left behind. */
  @Override
  public void close() {
    run(
        () -> {
          client.close();
          time.advance(Duration.ofHours(1));
        });
    run(
        () -> {
          assertEquals(0, counters.openCalls(), "open calls");
          assertEquals(0, counters.openAttempts(), "open attempts");
          assertEquals(0, counters.openCallStreams(), "open streams of callers");
          assertEquals(0, counters.openLeases(), "open leases");
          assertEquals(0, counters.openStreams(), "open streams");
          assertEquals(0, counters.openTimers(), "open timers");
          assertEquals(0, selector.openLeases(), "leases of the selector");
        });
    assertEquals(0, time.armed(), "armed timers");
    await(vertx.close());
  }

  /** What a node does with one request. */
  @FunctionalInterface
  interface Answer {
    Future<Message> to(Arrival arrival);
  }

  /** What a node does with a stream when it arrives. */
  @FunctionalInterface
  interface Script {
    void run(ArrivedStream stream);
  }

  /** A test's body. */
  @FunctionalInterface
  interface Body {
    void run() throws Exception;
  }
}
