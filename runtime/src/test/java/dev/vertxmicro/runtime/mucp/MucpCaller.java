// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Message;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A transport on a clock that the test moves, and calls and streams made through it from one event
 * loop and watched from the test's thread. Closing it checks that nothing is held any more.
 */
final class MucpCaller implements AutoCloseable {

  static final long PATIENCE_SECONDS = 10;

  private static final int LARGE = 16 << 20;

  final SteppedTime time = new SteppedTime();
  final CountingObserver observer = new CountingObserver();
  final Vertx vertx = Vertx.vertx();
  final MucpTransport transport;
  private final Context loop = newLoop();

  private MucpCaller(PoolLimits limits, MucpOptions options) {
    transport = MucpTransport.create(vertx, time, observer, limits, options);
  }

  static MucpCaller create() {
    return create(4, new MucpOptions());
  }

  static MucpCaller create(int poolSize) {
    return create(poolSize, new MucpOptions());
  }

  static MucpCaller create(int poolSize, MucpOptions options) {
    return create(new PoolLimits(poolSize, Duration.ZERO), options);
  }

  static MucpCaller create(PoolLimits limits, MucpOptions options) {
    return new MucpCaller(limits, options);
  }

  /** Returns a context on the next event loop. */
  Context newLoop() {
    return ((VertxInternal) vertx).createEventLoopContext();
  }

  static Node node(String address) {
    return Node.builder("node", address).protocol("mucp").build();
  }

  static Message request(String body) {
    return Message.request("greeter", "Greeter.Hello")
        .contentType(WireType.PROTO)
        .body(Buffer.buffer(body))
        .build();
  }

  Deadline in(Duration timeout) {
    return Deadline.after(timeout, time);
  }

  /** Calls with a small message and without a deadline. */
  Call call(String address) {
    return call(address, "hello");
  }

  Call call(String address, String body) {
    return call(node(address), request(body), Deadline.NONE);
  }

  /** Calls with more than the system takes while the server does not read. */
  Call callWithLargeBody(String address) {
    SendOptions large = new SendOptions(Duration.ofSeconds(5), LARGE, LARGE, 0);
    Message request = request("").toBuilder().body(Buffer.buffer(new byte[LARGE])).build();
    return new Call(loop, node(address), request, Deadline.NONE, large);
  }

  Call call(Node node, Message request, Deadline deadline) {
    return call(loop, node, request, deadline);
  }

  Call call(Context context, Node node, Message request, Deadline deadline) {
    return new Call(context, node, request, deadline, SendOptions.DEFAULT);
  }

  Stream open(Node node, Message head, SendOptions options) {
    return new Stream(node, head, options);
  }

  Stream open(String address) {
    return open(node(address), request(""), SendOptions.DEFAULT);
  }

  /** Connects ahead, from the event loop of the calls. */
  Future<Void> connect(String address) {
    Promise<Void> connected = Promise.promise();
    Duration timeout = SendOptions.DEFAULT.dialTimeout();
    loop.runOnContext(v -> transport.connect(node(address), timeout).onComplete(connected));
    return connected.future();
  }

  /** Waits until everything has run that was started on the event loop of the calls. */
  void settle() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.runOnContext(v -> done.complete(null));
    await(done);
  }

  /** Waits, but not for ever. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
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

  /** One exchange. */
  final class Call {
    private final Context context;
    private final CompletableFuture<Exchange> exchange = new CompletableFuture<>();
    private final CompletableFuture<Message> reply = new CompletableFuture<>();

    private Call(
        Context context, Node node, Message request, Deadline deadline, SendOptions options) {
      this.context = context;
      context.runOnContext(
          v -> {
            Exchange started = transport.send(node, request, deadline, options);
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
      on(
          started -> {
            started.cancel();
            return true;
          });
    }

    boolean isSent() {
      return on(Exchange::isSent);
    }

    <T> T on(Function<Exchange, T> look) {
      CompletableFuture<T> seen = new CompletableFuture<>();
      context.runOnContext(v -> seen.complete(look.apply(exchange.join())));
      return await(seen);
    }
  }

  /** One stream, whose replies are all asked for. */
  final class Stream {
    final BlockingQueue<Buffer> seen = new LinkedBlockingQueue<>();
    private final CompletableFuture<StreamExchange> exchange = new CompletableFuture<>();
    private final CompletableFuture<Message> head = new CompletableFuture<>();
    private final CompletableFuture<Metadata> trailers = new CompletableFuture<>();

    private Stream(Node node, Message request, SendOptions options) {
      loop.runOnContext(
          v -> {
            StreamExchange opened = transport.open(node, request, Deadline.NONE, options);
            opened.handler(seen::add);
            opened.reply().onComplete(head::complete, head::completeExceptionally);
            opened.trailers().onComplete(trailers::complete, trailers::completeExceptionally);
            opened.fetch(Long.MAX_VALUE);
            exchange.complete(opened);
          });
    }

    /** Waits for the next reply. */
    String next() {
      return take().toString();
    }

    /** Waits for the next reply. */
    byte[] nextBytes() {
      return take().getBytes();
    }

    private Buffer take() {
      try {
        Buffer next = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          throw new AssertionError("no reply");
        }
        return next;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    <T> T on(Function<StreamExchange, T> task) {
      CompletableFuture<T> done = new CompletableFuture<>();
      StreamExchange opened = await(exchange);
      loop.runOnContext(
          v -> {
            try {
              done.complete(task.apply(opened));
            } catch (RuntimeException thrown) {
              done.completeExceptionally(thrown);
            }
          });
      return await(done);
    }

    /** Waits until the message has left. */
    void write(String message) {
      write(Buffer.buffer(message));
    }

    void write(Buffer message) {
      Future<Void> written = on(opened -> opened.write(message));
      await(written);
    }

    void end() {
      Future<Void> ended = on(StreamExchange::end);
      await(ended);
    }

    void opened() {
      Future<Void> opened = on(StreamExchange::opened);
      await(opened);
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
}
