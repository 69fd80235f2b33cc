// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.framing.WriteQueue;
import dev.vertxmicro.runtime.pooling.Dial;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One stream, on a connection of its own: each request is a POST, each reply an answer, and they do
 * not belong together one by one. The first POST opens the stream, and its body is nobody's.
 *
 * <pre>
 * dialling ---> open ---> over     the server says EOS, or an error, or nothing after our EOS
 *    '------------'-----> over     cancelled, lost, unreadable: the connection is cut
 * </pre>
 *
 * <p>There is no half-close. The end of the requests is told to the server as the end of the
 * stream, which go-micro's servers do not answer: so their silence afterwards counts as the end,
 * see {@link MucpOptions#setEndTimeout}. Of a stream with one request that was there from the start
 * the server is told nothing, since it waits for no more.
 *
 * <p>One answer is read ahead of what was asked for, so that the end shows without asking; the rest
 * stays with the server. All fields belong to the event loop.
 */
final class StreamingExchange implements StreamExchange {

  private final MucpLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Message request;
  private final WireType type;
  private final Deadline deadline;
  private final SendOptions options;
  private final AnswerReader reader;
  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> head = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();
  private final long startedNanos;
  private final long id;

  // the connection
  private @Nullable ConnectionPool pool;
  private @Nullable Dial dial;
  private @Nullable NetSocket socket;
  private @Nullable Throwable broken;
  private boolean sent;
  private boolean unsent;
  private boolean over;
  private long grantedNanos;
  private long openedNanos;
  private long endedNanos;
  private @Nullable RpcException error;

  // requests
  private final WriteQueue queue = new WriteQueue();
  private @Nullable Promise<Void> endWritten;
  private @Nullable Timer endTimer;

  // replies
  private final Queue<Next> ahead = new ArrayDeque<>(1);
  private @Nullable Handler<Buffer> handler;
  private long demand;
  private boolean headSeen;
  private boolean flowing = true;
  private boolean moving;
  private boolean fed;
  private boolean heard;
  private boolean closed;

  /** What comes next: a reply, the end of the stream with its last words, or its failure. */
  private record Next(
      @Nullable Buffer reply, @Nullable Metadata end, @Nullable RpcException failure) {}

  StreamingExchange(
      MucpLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      WireType type,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.request = request;
    this.type = type;
    this.deadline = deadline;
    this.options = options;
    this.reader = new AnswerReader(loop.options().getMaxHeaderBytes());
    this.startedNanos = loop.nanoTime();
    this.id = loop.nextId();
  }

  // ---- opening

  /** Connects; the stream then runs, or has failed. */
  void start(ConnectionPool node) {
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    int size = post(node, Buffer.buffer(), null).length();
    int mostHead = loop.options().getMaxHeaderBytes();
    if (size > mostHead) {
      fail(Refusals.headTooLarge(size, mostHead));
      return;
    }
    int most = loop.options().getMaxStreamsPerNode();
    if (!node.addStream(this)) {
      loop.observer().limitReached("streams");
      fail(Refusals.tooManyStreams(node.address(), most));
      return;
    }
    pool = node;
    Duration timeout = options.dialTimeout();
    Dial started = new Dial(loop, () -> node.openSocket(timeout), timeout, this::dialled);
    dial = started;
    started.start();
  }

  private void dialled(@Nullable NetSocket connected, Throwable why) {
    dial = null;
    ConnectionPool node = pool;
    if (over || node == null) {
      return;
    }
    if (connected == null) {
      fail(Refusals.notConnected(node.address(), why));
      return;
    }
    socket = connected;
    node.socketOpened();
    connected.exceptionHandler(failure -> broken = failure);
    connected.closeHandler(v -> gone(node));
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    grantedNanos = loop.nanoTime();
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    sent = true;
    loop.observer().streamOpened(MucpTransport.PROTOCOL);
    connected.handler(this::received).endHandler(v -> ended());
    connected
        .write(post(node, envelope(Buffer.buffer()), null))
        .onComplete(told -> begun(), failure -> unwritten(node, failure));
    queue.flow(
        message -> send(connected, node, message),
        failure -> Failures.lost(node.address(), failure));
    if (endWritten != null) {
      tellEnd(connected, endWritten);
    }
  }

  private void begun() {
    openedNanos = loop.nanoTime();
    tell(opened::tryComplete);
  }

  private void unwritten(ConnectionPool node, Throwable failure) {
    unsent = true;
    fail(Failures.notWritten(node.address(), failure));
  }

  /** Returns a whole POST of this stream. */
  private Buffer post(ConnectionPool node, Buffer body, @Nullable String endOfStream) {
    return MucpHeaders.head(
            request,
            type,
            node.host(),
            loop.options().getUserAgent(),
            id,
            deadline.isNone() ? Long.MAX_VALUE : Math.max(1, deadline.remainingNanos()),
            body.length(),
            Long.toString(id),
            endOfStream)
        .appendBuffer(body);
  }

  // ---- requests

  @Override
  public Future<Void> opened() {
    return opened.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (endWritten != null) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (over) {
      return Future.failedFuture(
          error == null ? RpcException.cancelled("the stream has ended").build() : error);
    }
    if (message.length() > options.maxRequestBytes()) {
      loop.observer().limitReached("requestBytes");
      return Future.failedFuture(
          Refusals.requestTooLarge(message.length(), options.maxRequestBytes()));
    }
    return queue.write(message);
  }

  private Future<Void> send(NetSocket to, ConnectionPool node, Buffer message) {
    Promise<Void> written = EventLoops.promise(caller);
    to.write(post(node, envelope(message), null)).onComplete(written);
    return written.future();
  }

  private Buffer envelope(Buffer value) {
    return type.envelope().wrap(id, MucpHeaders.method(request.endpoint()), value);
  }

  @Override
  public Future<Void> end() {
    Promise<Void> told = endWritten;
    if (told == null) {
      told = EventLoops.promise(caller);
      endWritten = told;
      if (over) {
        told.complete();
      } else if (socket != null && sent) {
        tellEnd(socket, told);
      }
    }
    return told.future();
  }

  private void tellEnd(NetSocket to, Promise<Void> told) {
    ConnectionPool node = pool;
    if (options.oneRequest() || node == null) {
      told.tryComplete();
      return;
    }
    to.write(post(node, Buffer.buffer(), MucpHeaders.END_OF_STREAM))
        .onComplete(
            left -> {
              told.tryComplete();
              awaitSilence();
            },
            failure -> told.tryFail(Failures.lost(node.address(), failure)));
  }

  private void awaitSilence() {
    if (!over) {
      heard = false;
      endTimer = loop.arm(Nanos.of(loop.options().getEndTimeout()), this::silent);
    }
  }

  private void silent() {
    endTimer = null;
    if (heard || !ahead.isEmpty()) {
      awaitSilence();
    } else {
      endWell(Metadata.empty());
    }
  }

  @Override
  public boolean isWriteQueueFull() {
    return queue.isFull();
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {
    queue.setMostBytes(bytes);
  }

  @Override
  public void drainHandler(@Nullable Runnable drained) {
    queue.drainHandler(drained);
  }

  // ---- replies

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
    move();
  }

  @Override
  public void pause() {
    demand = 0;
  }

  private void received(Buffer bytes) {
    heard = true;
    fed = true;
    reader.add(bytes);
    move();
  }

  /** A loop instead of recursion: sockets hand over from within their resume. */
  private void move() {
    if (moving || !sent) {
      return;
    }
    moving = true;
    do {
      fed = false;
      handOver();
      letFlow();
    } while (fed && !over);
    moving = false;
  }

  private void handOver() {
    while (!over) {
      Next next = ahead.isEmpty() ? readNext() : ahead.element();
      if (next == null) {
        return;
      }
      if (next.end != null) {
        endWell(next.end);
      } else if (next.failure != null) {
        fail(next.failure);
      } else if (next.reply != null && demand > 0) {
        ahead.remove();
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        hand(next.reply);
      } else {
        return;
      }
    }
  }

  private void hand(Buffer reply) {
    Handler<Buffer> taker = handler;
    if (taker != null) {
      EventLoops.dispatch(caller, () -> taker.handle(reply));
    }
  }

  /** Reads one more answer into what is ahead; returns it, or null if none is there. */
  private @Nullable Next readNext() {
    HttpAnswer answer;
    try {
      answer = reader.next(options.maxReplyBytes());
      if (answer == null && closed) {
        answer = reader.end();
      }
    } catch (FramingException misfit) {
      return keep(
          new Next(null, null, Failures.unreadable(address(), misfit, reader.isInOkBody())));
    }
    return answer == null ? null : keep(next(answer));
  }

  private Next keep(Next next) {
    ahead.add(next);
    return next;
  }

  private Next next(HttpAnswer answer) {
    if (MucpHeaders.END_OF_STREAM.equals(Replies.errorText(answer.headers()))) {
      Metadata last = MucpHeaders.read(answer.headers(), request.headers());
      begin(Message.reply().headers(last).contentType(type.accept()).build());
      return new Next(null, last, null);
    }
    try {
      Message reply = Replies.read(answer, type, request.headers());
      begin(reply.toBuilder().body(Buffer.buffer()).build());
      return new Next(reply.body(), null, null);
    } catch (RpcException failure) {
      return new Next(null, null, failure);
    }
  }

  /** The first answer is the head as well. */
  private void begin(Message answer) {
    if (!headSeen) {
      headSeen = true;
      tell(() -> head.tryComplete(answer));
    }
  }

  /** Reads on while somebody asks, and until one answer is ahead. */
  private void letFlow() {
    NetSocket from = socket;
    boolean wanted = ahead.isEmpty() || closed;
    if (over || from == null || wanted == flowing) {
      return;
    }
    flowing = wanted;
    if (wanted) {
      from.resume();
    } else {
      from.pause();
    }
  }

  // ---- the end

  /** The socket is gone; what came before lies with Vert.x, and its end follows it. */
  private void gone(ConnectionPool node) {
    closed = true;
    node.socketClosed();
    if (!over) {
      letFlow();
    }
  }

  /** Everything that came is here: a stream that was not ended in it is lost. */
  private void ended() {
    closed = true;
    if (over) {
      return;
    }
    Next last = null;
    for (Next next : ahead) {
      last = next;
    }
    boolean whole = last != null && last.reply == null;
    while (!whole) {
      last = readNext();
      if (last == null) {
        RpcException lost = Failures.lost(address(), broken);
        fail(unsent ? Failures.notWritten(address(), broken) : lost);
        return;
      }
      whole = last.reply == null;
    }
    move();
  }

  private String address() {
    return pool == null ? "" : pool.address();
  }

  private void endWell(Metadata last) {
    if (over) {
      return;
    }
    leave(queue.isEmpty());
    finish(RpcException.cancelled("the stream has ended").build());
    tell(
        () -> {
          opened.tryComplete();
          head.tryComplete(Message.reply().contentType(type.accept()).build());
          if (endWritten != null) {
            endWritten.tryComplete();
          }
          trailers.complete(last);
        });
  }

  /** Ends the stream with a failure, wherever it is; its connection is cut. */
  void fail(RpcException failure) {
    if (over) {
      return;
    }
    leave(queue.isEmpty() && failure.processed() == Processed.YES);
    RpcException told = failure.toBuilder().times(times()).build();
    error = told;
    finish(told);
    tell(
        () -> {
          if (endWritten != null) {
            endWritten.tryFail(told);
          }
          opened.tryFail(told);
          head.tryFail(told);
          trailers.fail(told);
        });
  }

  /** Closes the connection: politely only if nothing of the stream would still leave by that. */
  private void leave(boolean politely) {
    NetSocket open = socket;
    if (open != null && politely) {
      open.close();
    } else if (open != null) {
      EventLoops.reset(open);
    }
  }

  private void finish(RpcException unwritten) {
    over = true;
    endedNanos = loop.nanoTime();
    if (dial != null) {
      dial.abandon();
      dial = null;
    }
    if (endTimer != null) {
      endTimer.cancel();
      endTimer = null;
    }
    ahead.clear();
    if (sent) {
      loop.observer().streamClosed(MucpTransport.PROTOCOL);
    }
    if (pool != null) {
      pool.removeStream(this);
    }
    EventLoops.dispatch(caller, () -> queue.fail(unwritten));
  }

  private void tell(Runnable task) {
    EventLoops.dispatch(caller, task);
  }

  /** Cuts first: what was held back then proves not to have left. */
  @Override
  public void cancel() {
    if (!over) {
      if (socket != null) {
        EventLoops.reset(socket);
      }
      fail(Refusals.cancelled(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
    }
  }

  /** The transport closes: a stream that has not begun will not. */
  void closing() {
    if (!sent) {
      fail(Refusals.closed());
    }
  }

  /** The transport closes and does not wait. */
  void aborted() {
    fail(Failures.aborted(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT));
  }

  @Override
  public boolean isSent() {
    return sent && !unsent;
  }

  @Override
  public PhaseTimes times() {
    long now = over ? endedNanos : loop.nanoTime();
    if (!sent) {
      return PhaseTimes.NONE.plus(Phase.CONNECT, now - startedNanos);
    }
    PhaseTimes waited = PhaseTimes.NONE.plus(Phase.CONNECT, grantedNanos - startedNanos);
    if (!opened.future().isComplete()) {
      return waited.plus(Phase.SEND, now - grantedNanos);
    }
    return waited.plus(Phase.SEND, openedNanos - grantedNanos).plus(Phase.WAIT, now - openedNanos);
  }
}
