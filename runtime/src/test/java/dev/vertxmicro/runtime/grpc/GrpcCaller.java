// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.SteppedTime;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A transport on a clock that the test moves, and calls made through it from one event loop and
 * watched from the test's thread. Closing it checks that nothing is held any more.
 */
final class GrpcCaller implements AutoCloseable {

  final SteppedTime time = new SteppedTime();
  final CountingObserver observer = new CountingObserver();
  final Vertx vertx = Vertx.vertx();
  final GrpcTransport transport;
  private final Context loop = newLoop();

  private GrpcCaller(PoolLimits limits, GrpcOptions options) {
    transport = GrpcTransport.create(vertx, time, observer, limits, options);
  }

  /** Returns what makes callers on an engine. */
  static Maker on(GrpcEngine engine) {
    return new Maker(engine);
  }

  /** Makes callers whose transport is on one engine. */
  record Maker(GrpcEngine engine) {

    GrpcCaller create() {
      return create(new PoolLimits(4, Duration.ZERO));
    }

    GrpcCaller create(PoolLimits limits) {
      return create(limits, new GrpcOptions());
    }

    GrpcCaller create(PoolLimits limits, GrpcOptions options) {
      return new GrpcCaller(limits, new GrpcOptions(options).setEngine(engine));
    }
  }

  /** Returns a context on the next event loop. */
  Context newLoop() {
    return ((VertxInternal) vertx).createEventLoopContext();
  }

  /** Calls with a small message and without a deadline. */
  Call call(int port) {
    return call(port, "hello");
  }

  Call call(int port, String body) {
    return call(Node.of("node", "127.0.0.1:" + port), request(body), Deadline.NONE);
  }

  Call call(Node node, Message request, Deadline deadline) {
    return call(loop, node, request, deadline, SendOptions.DEFAULT);
  }

  Call call(Context context, Node node, Message request, Deadline deadline, SendOptions options) {
    return new Call(context, () -> transport.send(node, request, deadline, options));
  }

  /** Connects ahead, from the event loop of the calls. */
  Future<Void> connect(int port) {
    Promise<Void> connected = Promise.promise();
    loop.runOnContext(
        v ->
            transport
                .connect(Node.of("node", "127.0.0.1:" + port), SendOptions.DEFAULT.dialTimeout())
                .onComplete(connected));
    return connected.future();
  }

  static Message request(String body) {
    return Message.request("greeter", "Greeter.Hello")
        .contentType(ContentSubtype.PROTO)
        .body(Buffer.buffer(body))
        .build();
  }

  Deadline in(Duration timeout) {
    return Deadline.after(timeout, time);
  }

  /** Runs on the calls' event loop after everything that was started before. */
  <T> T onLoop(Function<Void, T> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.runOnContext(v -> result.complete(action.apply(v)));
    return await(result);
  }

  /** Waits, but not for ever. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(Journal.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static <T> T await(Future<T> future) {
    return await(future.toCompletionStage().toCompletableFuture());
  }

  @Override
  public void close() {
    await(transport.close(in(Duration.ZERO)));
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
    assertEquals(0, time.armed(), "timers");
    await(vertx.close());
  }

  /** Opens a stream without a deadline; all replies are asked for. */
  Stream open(int port) {
    Node node = Node.of("node", "127.0.0.1:" + port);
    return new Stream(
        loop, () -> transport.open(node, request(""), Deadline.NONE, SendOptions.DEFAULT));
  }

  /** One stream. */
  static final class Stream {
    final List<String> seen = new CopyOnWriteArrayList<>();
    private final Context context;
    private final CompletableFuture<StreamExchange> exchange = new CompletableFuture<>();
    private final CompletableFuture<Message> head = new CompletableFuture<>();
    private final CompletableFuture<Metadata> trailers = new CompletableFuture<>();

    Stream(Context context, Supplier<StreamExchange> open) {
      this.context = context;
      context.runOnContext(
          v -> {
            StreamExchange opened = open.get();
            opened.handler(message -> seen.add(message.toString()));
            opened.reply().onComplete(head::complete, head::completeExceptionally);
            opened.trailers().onComplete(trailers::complete, trailers::completeExceptionally);
            opened.fetch(Long.MAX_VALUE);
            exchange.complete(opened);
          });
    }

    <T> T on(Function<StreamExchange, T> task) {
      CompletableFuture<T> done = new CompletableFuture<>();
      StreamExchange opened = await(exchange);
      context.runOnContext(v -> done.complete(task.apply(opened)));
      return await(done);
    }

    void cancel() {
      on(
          opened -> {
            opened.cancel();
            return true;
          });
    }

    Message head() {
      return await(head);
    }

    Metadata trailers() {
      return await(trailers);
    }

    boolean isDone() {
      return trailers.isDone();
    }

    RpcException failure() {
      return assertThrows(RpcException.class, () -> await(trailers));
    }
  }

  /** One exchange. */
  static final class Call {
    private final Context context;
    private final CompletableFuture<Exchange> exchange = new CompletableFuture<>();
    private final CompletableFuture<Message> reply = new CompletableFuture<>();

    private Call(Context context, Supplier<Exchange> send) {
      this.context = context;
      context.runOnContext(
          v -> {
            Exchange started = send.get();
            exchange.complete(started);
            started.reply().onComplete(reply::complete, reply::completeExceptionally);
          });
    }

    String body() {
      return await(reply).body().toString();
    }

    Message reply() {
      return await(reply);
    }

    RpcException failure() {
      return assertThrows(RpcException.class, () -> await(reply));
    }

    boolean isDone() {
      return reply.isDone();
    }

    /** Waits until it has been cancelled. */
    void cancel() {
      onContext(
          started -> {
            started.cancel();
            return null;
          });
    }

    boolean isSent() {
      return onContext(Exchange::isSent);
    }

    PhaseTimes times() {
      return onContext(Exchange::times);
    }

    private <T> T onContext(Function<Exchange, T> look) {
      CompletableFuture<T> seen = new CompletableFuture<>();
      context.runOnContext(v -> seen.complete(look.apply(exchange.join())));
      return await(seen);
    }
  }
}
