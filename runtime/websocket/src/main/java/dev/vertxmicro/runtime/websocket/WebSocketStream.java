// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One listener of the events of an instance: what the caller has of a {@link SharedStream}.
 *
 * <pre>
 * WAITING ---> JOINED ---> OPEN ---> OVER     the first event may come
 *    '-----------'------------------> OVER     refused, cancelled, lost, or read too slowly
 * </pre>
 *
 * <p>The events wait for who reads them, up to a bound; then the stream fails rather than to stop
 * the connection, which others use. All fields belong to the event loop of its node.
 */
final class WebSocketStream implements StreamExchange, Waiting {

  private enum State {
    WAITING,
    JOINED,
    OPEN,
    OVER
  }

  private static final String START = "start_stream";
  private static final String JSON = "application/json";

  private final WebSocketLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final String node;
  private final String endpoint;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> head = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable ClusterLink link;
  private @Nullable RequestText request;
  private @Nullable Promise<Void> requestWritten;
  private @Nullable SharedStream shared;
  private @Nullable RpcException failure;
  private Phase waitingFor = Phase.CONNECT;
  private boolean sent;
  private boolean written;
  private boolean halfClosed;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  // events
  private final Queue<Buffer> arrived = new ArrayDeque<>();
  private @Nullable Handler<Buffer> handler;
  private long arrivedBytes;
  private long demand;
  private boolean handing;

  WebSocketStream(
      WebSocketLoop loop,
      Context caller,
      @Nullable SendGate gate,
      String node,
      String endpoint,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.node = node;
    this.endpoint = endpoint;
    this.deadline = deadline;
    this.options = options;
    this.startedNanos = loop.nanoTime();
  }

  /**
   * Enters the link; waits for the request.
   *
   * @throws IllegalArgumentException if the endpoint cannot be said
   */
  void start(ClusterLink entered) {
    link = entered;
    String action = RequestText.of(endpoint, Buffer.buffer()).action();
    if (!action.equals(START)) {
      fail(
          RpcException.client(
                  GrpcStatus.UNIMPLEMENTED, action + " is no stream (expected: " + START + ")")
              .build());
    } else if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else if (!options.oneRequest()) {
      // Somebody waits to write the request: now is the time to learn that nobody is there.
      EventLoops.dispatch(
          loop.context(),
          () -> entered.connect(options.dialTimeout()).onComplete(v -> ready(), this::unconnected));
    }
  }

  private void ready() {
    tell(opened::tryComplete);
  }

  private void unconnected(Throwable why) {
    fail(RpcException.from(why));
  }

  // ---- the request

  @Override
  public Future<Void> opened() {
    return opened.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (halfClosed) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (state == State.OVER) {
      return Future.failedFuture(
          failure == null ? RpcException.cancelled("the stream has ended").build() : failure);
    }
    ClusterLink entered = link;
    if (request != null || entered == null) {
      return Future.failedFuture(Failures.secondRequest());
    }
    try {
      loop.refuseTooLarge(message.length(), options);
      request = read(message);
    } catch (RpcException refused) {
      return Future.failedFuture(refused);
    } catch (IllegalArgumentException bad) {
      RpcException unfit = Failures.unfit(bad);
      fail(unfit);
      return Future.failedFuture(unfit);
    }
    Promise<Void> told = Promise.promise();
    requestWritten = told;
    EventLoops.dispatch(loop.context(), () -> entered.acquire(this));
    return told.future();
  }

  private RequestText read(Buffer message) {
    RequestText text = RequestText.of(endpoint, message);
    if (text.instanceId() == null) {
      throw new IllegalArgumentException("instance_id: none (expected: that of an instance)");
    }
    return text;
  }

  /** Nobody needs to be told: the one request has said all. */
  @Override
  public Future<Void> end() {
    halfClosed = true;
    return Future.succeededFuture();
  }

  @Override
  public boolean isWriteQueueFull() {
    return false;
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {}

  @Override
  public void drainHandler(@Nullable Runnable drained) {}

  // ---- for the link

  @Override
  public SendOptions options() {
    return options;
  }

  @Override
  public int bytes() {
    return request == null ? 0 : request.bytes();
  }

  @Override
  public void waitFor(Phase phase) {
    waitingFor = phase;
  }

  @Override
  public void send(ClusterConnection granted) {
    RequestText text = request;
    String instance = text == null ? null : text.instanceId();
    grantedNanos = loop.nanoTime();
    if (text == null || instance == null || deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    sent = true;
    state = State.JOINED;
    loop.observer().streamOpened(WebSocketTransport.PROTOCOL);
    granted.join(this, instance, text);
  }

  // ---- for the shared stream

  /** Its events come here from now on, until it leaves. */
  void joined(SharedStream stream) {
    shared = stream;
  }

  /** The node has been asked, for this listener or for one before it. */
  void written() {
    written = true;
    writtenNanos = loop.nanoTime();
    Promise<Void> told = requestWritten;
    tell(
        () -> {
          opened.tryComplete();
          if (told != null) {
            told.tryComplete();
          }
        });
  }

  /** The stream runs. */
  void begun() {
    if (state == State.JOINED) {
      state = State.OPEN;
      Message begun = Message.reply().contentType(JSON).build();
      tell(() -> head.tryComplete(begun));
    }
  }

  /** The node has refused the stream. */
  void refused(String error) {
    fail(Failures.remote(node, error));
  }

  /** Events came before the stream was known, and more than could be kept. */
  void lossy() {
    overflow(loop.options().getMaxHeldEvents());
  }

  /** Takes an event. */
  void event(Buffer body) {
    if (state == State.OVER) {
      return;
    }
    if (body.length() > options.maxReplyBytes()) {
      loop.observer().limitReached("replyBytes");
      fail(Failures.replyTooLarge(body.length(), options.maxReplyBytes()));
      return;
    }
    arrived.add(body);
    arrivedBytes += body.length();
    handOver();
    if (arrived.size() > loop.options().getMaxBufferedEvents()
        || arrivedBytes > loop.options().getMaxBufferedBytes()) {
      overflow(arrived.size());
    }
  }

  private void overflow(int events) {
    loop.observer().limitReached("bufferedEvents");
    fail(
        Failures.overflow(
            events, loop.options().getMaxBufferedEvents(), loop.options().getMaxBufferedBytes()));
  }

  // ---- events, for the caller

  @Override
  public Future<Message> reply() {
    return head.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailers.future();
  }

  @Override
  public void handler(Handler<Buffer> handler) {
    this.handler = handler;
  }

  @Override
  public void fetch(long amount) {
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    handOver();
  }

  @Override
  public void pause() {
    demand = 0;
  }

  /** A loop instead of recursion, whatever the handler does. */
  private void handOver() {
    Handler<Buffer> taker = handler;
    if (handing || taker == null) {
      return;
    }
    handing = true;
    while (demand > 0 && !arrived.isEmpty()) {
      Buffer event = arrived.remove();
      arrivedBytes -= event.length();
      demand -= demand == Long.MAX_VALUE ? 0 : 1;
      tell(() -> taker.handle(event));
    }
    handing = false;
  }

  // ---- the end

  @Override
  public void cancel() {
    fail(Refusals.cancelled(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
  }

  @Override
  public void fail(RpcException why) {
    if (state == State.OVER) {
      return;
    }
    state = State.OVER;
    endedNanos = loop.nanoTime();
    arrived.clear();
    arrivedBytes = 0;
    if (sent) {
      loop.observer().streamClosed(WebSocketTransport.PROTOCOL);
    } else if (link != null) {
      link.leaveQueue(this);
    }
    if (shared != null) {
      shared.leave(this);
    }
    RpcException told = why.toBuilder().times(times()).build();
    failure = told;
    Promise<Void> request = requestWritten;
    tell(
        () -> {
          if (request != null) {
            request.tryFail(told);
          }
          opened.tryFail(told);
          head.tryFail(told);
          trailers.fail(told);
        });
  }

  private void tell(Runnable task) {
    EventLoops.dispatch(caller, task);
  }

  @Override
  public boolean isSent() {
    return sent && (failure == null || failure.processed() != Processed.NOT_SENT);
  }

  @Override
  public PhaseTimes times() {
    long now = state == State.OVER ? endedNanos : loop.nanoTime();
    if (!sent) {
      return PhaseTimes.NONE.plus(waitingFor, now - startedNanos);
    }
    PhaseTimes waited = PhaseTimes.NONE.plus(waitingFor, grantedNanos - startedNanos);
    if (!written) {
      return waited.plus(Phase.SEND, now - grantedNanos);
    }
    return waited
        .plus(Phase.SEND, writtenNanos - grantedNanos)
        .plus(Phase.WAIT, now - writtenNanos);
  }
}
