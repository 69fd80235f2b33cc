// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls handlers in the same process: for tests, and for services that live beside their callers.
 * Messages are handed over as they are, without a wire.
 *
 * <p>A handler runs on the context of the caller. There are no connections, so the bounds of the
 * pool have no effect.
 */
public final class MemoryTransport implements Transport {

  /** The protocol of nodes that this transport speaks with unless it was made for another. */
  public static final String PROTOCOL = "memory";

  private final String protocol;
  private final TimeSource time;
  private final TransportObserver observer;
  private final ConcurrentHashMap<String, Handler> servers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, StreamHandler> streamServers = new ConcurrentHashMap<>();
  private final Set<MemoryExchange> open = ConcurrentHashMap.newKeySet();
  private final Set<MemoryStream> streams = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Promise<Void> closing;

  private MemoryTransport(String protocol, TimeSource time, TransportObserver observer) {
    this.protocol = Objects.requireNonNull(protocol, "protocol");
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
  }

  /** Returns a transport for nodes of protocol {@code memory}. */
  public static MemoryTransport create(TimeSource time) {
    return create(PROTOCOL, time, TransportObserver.NONE);
  }

  /** Returns a transport that stands in for the one of another protocol. */
  public static MemoryTransport create(
      String protocol, TimeSource time, TransportObserver observer) {
    return new MemoryTransport(protocol, time, observer);
  }

  /** Answers requests to one address. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Answers a request.
     *
     * @return the reply; an {@link RpcException} reaches the caller as it is, {@code processed}
     *     included, any other failure as an internal error
     */
    Future<Message> handle(Incoming request);
  }

  /**
   * A request as its handler sees it.
   *
   * @param message what was sent
   * @param deadline until when the caller waits
   * @param options the bounds of the exchange
   * @param cancelled completes when the caller has given up
   */
  public record Incoming(
      Message message, Deadline deadline, SendOptions options, Future<Void> cancelled) {}

  /** Serves the streams to one address. */
  @FunctionalInterface
  public interface StreamHandler {

    /** Serves a stream; what it throws ends the stream as an internal error. */
    void open(IncomingStream stream);
  }

  /** Serves {@code address} with {@code handler}, instead of what served it before. */
  public void serve(String address, Handler handler) {
    servers.put(address, Objects.requireNonNull(handler, "handler"));
  }

  /** Serves the streams to {@code address} with {@code handler}, instead of what did before. */
  public void serveStreams(String address, StreamHandler handler) {
    streamServers.put(address, Objects.requireNonNull(handler, "handler"));
  }

  /** Serves {@code address} no longer: requests to it fail with UNAVAILABLE, NOT_SENT. */
  public void stop(String address) {
    servers.remove(address);
    streamServers.remove(address);
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public List<String> contentTypes() {
    return List.of(
        "application/grpc+proto",
        "application/grpc+json",
        "application/grpc+bytes",
        "application/protobuf",
        "application/json",
        "application/octet-stream");
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    MemoryExchange exchange = new MemoryExchange(false);
    start(exchange, node, request, deadline, options);
    return exchange;
  }

  private void start(
      MemoryExchange exchange, Node node, Message request, Deadline deadline, SendOptions options) {
    Handler handler = servers.get(node.address());
    if (closing != null) {
      exchange.fail(GrpcStatus.UNAVAILABLE, "the transport is closed");
    } else if (deadline.isExpired()) {
      exchange.fail(GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded before sending");
    } else if (request.body().length() > options.maxRequestBytes()) {
      exchange.fail(
          GrpcStatus.RESOURCE_EXHAUSTED,
          "request body: "
              + request.body().length()
              + " bytes (expected: at most "
              + options.maxRequestBytes()
              + ")");
    } else if (handler == null) {
      exchange.fail(GrpcStatus.UNAVAILABLE, "nobody serves " + node.address() + " in memory");
    } else {
      exchange.run(handler, request, deadline, options);
    }
  }

  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    StreamHandler handler = streamServers.get(node.address());
    if (closing != null) {
      return refused(GrpcStatus.UNAVAILABLE, "the transport is closed");
    } else if (deadline.isExpired()) {
      return refused(GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded before sending");
    } else if (handler == null) {
      String detail = "nobody serves streams of " + node.address() + " in memory";
      return refused(GrpcStatus.UNAVAILABLE, detail);
    }
    MemoryStream stream = new MemoryStream(time, head, deadline, options, this::ended);
    streams.add(stream);
    observer.streamOpened(protocol);
    stream.serve(handler);
    return stream;
  }

  private static StreamExchange refused(GrpcStatus status, String detail) {
    return new RefusedStream(RpcException.client(status, detail).build());
  }

  private void ended(MemoryStream stream) {
    streams.remove(stream);
    observer.streamClosed(protocol);
    completeIfEmpty();
  }

  /** Hands the request over and does not wait for an answer, of which nothing is seen. */
  @Override
  public Exchange sendOneWay(Node node, Message request, Deadline deadline, SendOptions options) {
    MemoryExchange exchange = new MemoryExchange(true);
    start(exchange, node, request, deadline, options);
    return exchange;
  }

  /** Handlers are called before {@link #sendOneWay} returns. */
  @Override
  public boolean isOrdered() {
    return true;
  }

  @Override
  public void setPool(PoolLimits limits) {}

  @Override
  public synchronized Future<Void> close(Deadline grace) {
    Promise<Void> waiting = closing;
    if (waiting != null) {
      return waiting.future();
    }
    Promise<Void> closed = Promise.promise();
    closing = closed;
    completeIfEmpty();
    if (!closed.future().isComplete() && !grace.isNone()) {
      Timer timer = time.timer(grace.remainingNanos(), this::abort);
      closed.future().onComplete(done -> timer.cancel());
    }
    return closed.future();
  }

  private void abort() {
    open.forEach(MemoryExchange::closed);
    streams.forEach(MemoryStream::closed);
  }

  private void completeIfEmpty() {
    Promise<Void> waiting = closing;
    if (waiting != null && open.isEmpty() && streams.isEmpty()) {
      waiting.tryComplete();
    }
  }

  @Override
  public String toString() {
    return "MemoryTransport[" + protocol + ", serving " + servers.keySet() + "]";
  }

  private final class MemoryExchange implements Exchange {

    private final Promise<Message> reply = Promise.promise();
    private final Promise<Void> cancelled = Promise.promise();
    private final @Nullable ContextInternal context = ContextInternal.current();
    private final long startNanos = time.nanoTime();
    private final boolean oneWay;
    private boolean sent;
    private boolean ended;

    MemoryExchange(boolean oneWay) {
      this.oneWay = oneWay;
    }

    void fail(GrpcStatus status, String detail) {
      ended = true;
      reply.fail(RpcException.client(status, detail).build());
    }

    void run(Handler handler, Message request, Deadline deadline, SendOptions options) {
      sent = true;
      open.add(this);
      observer.streamOpened(protocol);
      Future<Message> answer;
      try {
        answer = handler.handle(new Incoming(request, deadline, options, cancelled.future()));
        Objects.requireNonNull(answer, "a handler returned null (expected: a future)");
      } catch (Throwable broken) {
        answer = Future.failedFuture(broken);
      }
      Future<Message> outcome = oneWay ? Future.succeededFuture(Message.reply().build()) : answer;
      outcome.onComplete(
          done -> {
            if (context == null || context.isRunningOnContext()) {
              end(outcome, options);
            } else {
              context.runOnContext(here -> end(outcome, options));
            }
          });
    }

    private void end(Future<Message> outcome, SendOptions options) {
      if (!leave()) {
        return;
      }
      if (outcome.failed()) {
        reply.fail(RpcException.from(outcome.cause()));
      } else if (outcome.result() == null) {
        reply.fail(
            RpcException.client(GrpcStatus.INTERNAL, "the handler answered null")
                .processed(Processed.YES)
                .build());
      } else if (outcome.result().body().length() > options.maxReplyBytes()) {
        reply.fail(
            RpcException.client(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "reply body: "
                        + outcome.result().body().length()
                        + " bytes (expected: at most "
                        + options.maxReplyBytes()
                        + ")")
                .processed(Processed.YES)
                .build());
      } else {
        reply.complete(outcome.result());
      }
    }

    @Override
    public void cancel() {
      if (leave()) {
        cancelled.complete();
        reply.fail(RpcException.cancelled("cancelled").processed(Processed.UNKNOWN).build());
      }
    }

    /** Ends an exchange that the transport's grace has run out for. */
    private void closed() {
      Runnable task =
          () -> {
            if (leave()) {
              cancelled.complete();
              reply.fail(
                  RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
                      .processed(Processed.UNKNOWN)
                      .build());
            }
          };
      if (context == null) {
        task.run();
      } else {
        context.runOnContext(here -> task.run());
      }
    }

    private boolean leave() {
      if (ended) {
        return false;
      }
      ended = true;
      open.remove(this);
      observer.streamClosed(protocol);
      completeIfEmpty();
      return true;
    }

    @Override
    public Future<Message> reply() {
      return reply.future();
    }

    @Override
    public boolean isSent() {
      return sent;
    }

    @Override
    public PhaseTimes times() {
      return PhaseTimes.NONE.plus(Phase.WAIT, time.nanoTime() - startNanos);
    }
  }
}
