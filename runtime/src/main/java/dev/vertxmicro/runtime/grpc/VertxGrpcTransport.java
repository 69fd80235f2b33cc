// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Speaks gRPC with go-micro's conventions on the gRPC client of Vert.x: a thin second engine next
 * to {@link GrpcTransport}, for comparison and for what comes to that client first. Give it to the
 * client's builder; it is not found by itself.
 *
 * <p>What vertx-grpc-client 5.0.7 does not let it do as well as {@link GrpcTransport}:
 *
 * <ul>
 *   <li>One connection per node and event loop, whatever {@link #setPool} says: the builder of that
 *       client takes either a bound on messages or a size of the pool. Connections are not reported
 *       to the observer.
 *   <li>{@code application/grpc} and {@code application/grpc+json} only; {@code +bytes} is refused
 *       when sent and cannot be read in answers. Every request says that gzip is accepted.
 *   <li>The bound on replies is at most {@link SendOptions#DEFAULT_MAX_BYTES}, or what {@link
 *       #create} was given: a message is refused by the smaller bound.
 *   <li>The HTTP status of an answer that is not gRPC is not known: such failures are UNKNOWN (code
 *       500) instead of what the status stands for, and an answer whose content type has parameters
 *       counts as one of them.
 *   <li>A GOAWAY is not told from a lost connection: {@code Processed} is UNKNOWN where the main
 *       engine can say REFUSED. Some codes of RST_STREAM are not told apart.
 *   <li>The flags of messages are not seen: a reply that is said to be compressed with no encoding
 *       is handed over as it is, and half of a second message is passed over.
 *   <li>A call that is given up while it waits for its connection opens its stream all the same and
 *       resets it at once, without a message: Vert.x never takes back the place of a request that
 *       was handed out and not sent.
 *   <li>An answer that breaks the rules of gRPC in certain ways (an unreadable {@code grpc-status}
 *       in trailers, a compressed message without encoding) is never reported: the call ends at its
 *       deadline; a call without deadline after {@link #MOST_SILENCE_MINUTES} minutes; a stream at
 *       its timeouts, if it has any.
 *   <li>A peer that accepts connections and says nothing blocks its connection until the transport
 *       is closed; calls to it fail at their dial timeout. There is no keepalive.
 * </ul>
 */
public final class VertxGrpcTransport implements Transport {

  /** After that many minutes a call without deadline fails with UNAVAILABLE. */
  public static final int MOST_SILENCE_MINUTES = 10;

  private static final List<String> CONTENT_TYPES =
      ContentSubtype.KNOWN.stream()
          .filter(type -> !ContentSubtype.BYTES.equals(ContentSubtype.of(type)))
          .toList();

  private final Vertx vertx;
  private final TimeSource time;
  private final TransportObserver observer;
  private final GrpcOptions options;
  private final int maxMessageBytes;
  private final RequestGzip gzip;
  private final Map<EventLoop, VertxGrpcLoop> loops = new ConcurrentHashMap<>();
  private final Set<Running> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean emptied = new AtomicBoolean();
  private final Promise<Void> closed = Promise.promise();

  private VertxGrpcTransport(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      GrpcOptions options,
      int maxMessageBytes) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
    this.options = new GrpcOptions(options);
    this.maxMessageBytes = maxMessageBytes;
    this.gzip = new RequestGzip(this.options, time);
  }

  /**
   * Returns a transport that reads replies of up to 4 MiB.
   *
   * @param vertx what it runs on
   * @param time its clock
   * @param observer sees its streams and queues
   * @param options TLS, windows, header bound, user agent and gzip are used; copied
   */
  public static VertxGrpcTransport create(
      Vertx vertx, TimeSource time, TransportObserver observer, GrpcOptions options) {
    return create(vertx, time, observer, options, SendOptions.DEFAULT_MAX_BYTES);
  }

  /**
   * Returns a transport.
   *
   * @param vertx what it runs on
   * @param time its clock
   * @param observer sees its streams and queues
   * @param options TLS, windows, header bound, user agent and gzip are used; copied
   * @param maxMessageBytes the largest reply of any call, in bytes, at least 1
   * @throws IllegalArgumentException if {@code maxMessageBytes} is below 1
   */
  public static VertxGrpcTransport create(
      Vertx vertx,
      TimeSource time,
      TransportObserver observer,
      GrpcOptions options,
      int maxMessageBytes) {
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "maxMessageBytes: " + maxMessageBytes + " (expected: >= 1)");
    }
    return new VertxGrpcTransport(vertx, time, observer, options, maxMessageBytes);
  }

  @Override
  public String protocol() {
    return GrpcTransport.PROTOCOL;
  }

  @Override
  public List<String> contentTypes() {
    return CONTENT_TYPES;
  }

  @Override
  public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
    return gzip.isWanted()
        ? gzip.send(node, request, options, (body, how) -> transmit(node, body, deadline, how))
        : transmit(node, request, deadline, options);
  }

  private Exchange transmit(Node node, Message request, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    VertxGrpcExchange exchange =
        new VertxGrpcExchange(this, loop(caller), caller, node, request, deadline, options);
    running.add(exchange);
    exchange.start();
    return exchange;
  }

  private VertxGrpcLoop loop(Context caller) {
    return loops.computeIfAbsent(
        EventLoops.loopOf(caller),
        fresh -> new VertxGrpcLoop(this, EventLoops.newContext(vertx, fresh)));
  }

  @Override
  public StreamExchange open(Node node, Message head, Deadline deadline, SendOptions options) {
    Context caller = EventLoops.current(vertx);
    VertxGrpcLoop loop = loop(caller);
    if (EventLoops.isHere(caller)) {
      return open(loop, caller, null, node, head, deadline, options);
    }
    HoppedStream stream =
        new HoppedStream(
            loop.context(),
            caller,
            time::nanoTime,
            observer,
            options,
            gate -> open(loop, loop.context(), gate, node, head, deadline, options));
    stream.start();
    return stream;
  }

  private StreamExchange open(
      VertxGrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Node node,
      Message head,
      Deadline deadline,
      SendOptions options) {
    VertxGrpcStream stream = new VertxGrpcStream(this, loop, caller, gate, node, options);
    running.add(stream);
    stream.start(head, deadline);
    return stream;
  }

  /** Returns why a request cannot be sent, or null if it can. */
  @Nullable RpcException refusal(Message request, Deadline deadline, SendOptions options) {
    if (isClosed()) {
      return Refusals.closed();
    }
    String subtype = ContentSubtype.of(request.contentType());
    if (subtype == null || subtype.equals(ContentSubtype.BYTES)) {
      return Refusals.unsendable("unsupported Content-Type: " + request.contentType());
    }
    int length = request.body().length();
    if (length > options.maxRequestBytes()) {
      observer.limitReached("requestBytes");
      return Refusals.requestTooLarge(length, options.maxRequestBytes());
    }
    try {
      GrpcHeaders.check(request.headers());
    } catch (IllegalArgumentException bad) {
      return Refusals.badMetadata(String.valueOf(bad.getMessage()));
    }
    return deadline.remainingNanos() <= 0 ? Refusals.tooLate() : null;
  }

  /** An exchange or stream that has not ended. */
  interface Running {

    /** Called by any thread when the transport closes. */
    void failIfWaiting();

    /** Called by any thread when the transport will not wait any longer. */
    void abort();
  }

  /** Does nothing: see the class. */
  @Override
  public void setPool(PoolLimits limits) {
    Objects.requireNonNull(limits, "limits");
  }

  @Override
  public Future<Void> close(Deadline grace) {
    if (closing.compareAndSet(false, true)) {
      running.forEach(Running::failIfWaiting);
      if (!grace.isNone() && !running.isEmpty()) {
        Context here = EventLoops.current(vertx);
        here.runOnContext(on -> endAt(grace, here));
      }
      closeIfEmpty();
    }
    return closed.future();
  }

  private void endAt(Deadline grace, Context here) {
    Timer timer =
        time.timer(Math.max(0, grace.remainingNanos()), () -> running.forEach(Running::abort));
    closed.future().onComplete(done -> here.runOnContext(on -> timer.cancel()));
  }

  private void closeIfEmpty() {
    if (closing.get() && running.isEmpty() && emptied.compareAndSet(false, true)) {
      List<Future<Void>> all = loops.values().stream().map(VertxGrpcLoop::close).toList();
      Future.join(all).<Void>mapEmpty().onComplete(closed::handle);
    }
  }

  // for loops and exchanges

  /** Called by an exchange that has its outcome. */
  void ended(Running exchange) {
    running.remove(exchange);
    closeIfEmpty();
  }

  boolean isClosed() {
    return closing.get();
  }

  Vertx vertx() {
    return vertx;
  }

  TimeSource time() {
    return time;
  }

  TransportObserver observer() {
    return observer;
  }

  GrpcOptions options() {
    return options;
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  @Override
  public String toString() {
    return "VertxGrpcTransport[" + options + ", maxMessageBytes=" + maxMessageBytes + "]";
  }
}
