// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

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
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream: one request whose body is sent bit by bit, one answer whose body is read as values,
 * both at the same time.
 *
 * <pre>
 * waiting ---> open ---> over      the answer is whole and handed over
 *    '-----------'-----> over      failed, cancelled, lost: the connection is cut
 * </pre>
 *
 * <p>One reply is read ahead of what was asked for, so that the end shows without asking; the rest
 * stays with the server. All fields belong to the event loop.
 */
final class RestStream implements StreamExchange, RestConnection.User {

  private static final Buffer LAST_CHUNK = Buffer.buffer("0\r\n\r\n");

  private final RestLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Message request;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> headTold = Promise.promise();
  private final Promise<Metadata> trailersTold = Promise.promise();
  private final long startedNanos;

  // the connection
  private @Nullable RestPool pool;
  private @Nullable RequestHead requestHead;
  private @Nullable Dial dial;
  private @Nullable RestConnection connection;
  private boolean sent;
  private boolean unsent;
  private boolean over;
  private long grantedNanos;
  private long openedNanos;
  private long endedNanos;
  private @Nullable RpcException error;

  // the request
  private final WriteQueue queue = new WriteQueue();
  private @Nullable Promise<Void> endWritten;
  private boolean allWritten;

  // the answer
  private final Replies replies;
  private final ReplyBody errorBody = new ReplyBody(0);
  private @Nullable ResponseHead head;
  private @Nullable Metadata last;
  private @Nullable Handler<Buffer> handler;
  private long demand;
  private boolean moving;
  private boolean fed;
  private boolean socketGone;

  RestStream(
      RestLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.request = request;
    this.deadline = deadline;
    this.options = options;
    this.replies =
        request.headers().contains(RestRequest.PIECES)
            ? new PieceReplies(options.maxReplyBytes())
            : new JsonReplies(options.maxReplyBytes());
    this.startedNanos = loop.nanoTime();
  }

  // ---- opening

  /** Connects; the stream then runs, or has failed. */
  void start(RestPool node, RequestHead written) {
    requestHead = written;
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (!node.addStream(this)) {
      loop.observer().limitReached("streams");
      fail(Refusals.tooManyStreams(node.address(), loop.options().getMaxStreamsPerNode()));
      return;
    }
    pool = node;
    RestConnection lent = node.lendToStream();
    if (lent != null) {
      granted(lent);
      return;
    }
    Duration timeout = options.dialTimeout();
    Dial started =
        new Dial(
            loop, () -> node.openSocket(timeout), timeout, (to, why) -> dialled(node, to, why));
    dial = started;
    started.start();
  }

  private void dialled(RestPool node, @Nullable NetSocket socket, Throwable why) {
    dial = null;
    if (socket == null) {
      fail(Refusals.notConnected(node.address(), why));
    } else {
      granted(node.connectionOfStream(socket));
    }
  }

  private void granted(RestConnection granted) {
    connection = granted;
    grantedNanos = loop.nanoTime();
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
    } else if (options.oneRequest()) {
      queue.flow(body -> sendWhole(granted, body), this::unwritten);
    } else {
      begin(granted, Buffer.buffer(requestHead == null ? "" : requestHead.chunked()), false);
      queue.flow(piece -> sendChunk(granted, piece), this::unwritten);
      if (endWritten != null) {
        tellEnd(granted, endWritten);
      }
    }
  }

  /** Sends a request whose only body is known. */
  private Future<Void> sendWhole(RestConnection to, Buffer body) {
    allWritten = true;
    return begin(to, requestHead == null ? body : requestHead.with(body), body.length() > 0);
  }

  private Future<Void> begin(RestConnection to, Buffer bytes, boolean hasBody) {
    sent = true;
    loop.observer().streamOpened(RestTransport.PROTOCOL);
    boolean toHead = requestHead != null && requestHead.line().isHead();
    Promise<Void> left = EventLoops.promise(caller);
    to.begin(this, toHead, bytes)
        .onComplete(
            done -> {
              begun();
              left.complete();
            },
            failure -> {
              // Of a body a part may have left.
              unsent = !hasBody;
              left.fail(failure);
            });
    return left.future();
  }

  private void begun() {
    openedNanos = loop.nanoTime();
    tell(opened::tryComplete);
  }

  private RpcException unwritten(Throwable failure) {
    return Failures.notWritten(address(), !unsent, failure);
  }

  // ---- the request

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

  private Future<Void> sendChunk(RestConnection to, Buffer piece) {
    if (piece.length() == 0) {
      return Future.succeededFuture();
    }
    Promise<Void> left = EventLoops.promise(caller);
    Buffer chunk = Buffer.buffer(piece.length() + 12);
    chunk.appendString(Integer.toHexString(piece.length())).appendString("\r\n");
    to.write(chunk.appendBuffer(piece).appendString("\r\n")).onComplete(left);
    return left.future();
  }

  @Override
  public Future<Void> end() {
    Promise<Void> told = endWritten;
    if (told == null) {
      told = EventLoops.promise(caller);
      endWritten = told;
      if (over || options.oneRequest()) {
        told.complete();
      } else if (connection != null && sent) {
        tellEnd(connection, told);
      }
    }
    return told.future();
  }

  private void tellEnd(RestConnection to, Promise<Void> told) {
    allWritten = true;
    to.write(LAST_CHUNK.copy())
        .onComplete(left -> told.tryComplete(), failure -> told.tryFail(unwritten(failure)));
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

  // ---- the answer, as it comes

  @Override
  public void head(ResponseHead come) {
    head = come;
    if (come.isSuccess()) {
      Metadata metadata = RequestHead.read(come.headers());
      tell(
          () ->
              headTold.tryComplete(
                  Message.reply().headers(metadata).contentType(come.contentType()).build()));
    } else {
      errorBody.begin(come);
    }
  }

  @Override
  public void body(Buffer piece) {
    if (head != null && head.isSuccess()) {
      replies.add(piece);
      fed = true;
      move();
    } else {
      errorBody.add(piece);
    }
  }

  @Override
  public void end(Metadata trailers, boolean reusable) {
    RestConnection on = connection;
    ResponseHead come = head;
    if (on == null || come == null || over) {
      return;
    }
    connection = null;
    if (allWritten && queue.isEmpty()) {
      on.endOfStream(reusable);
    } else {
      on.cutOfStream();
    }
    if (come.isSuccess()) {
      last = trailers.isEmpty() ? trailers : RequestHead.read(trailers);
      fed = true;
      move();
    } else {
      fail(Failures.status(come, RequestHead.read(come.headers()), errorBody.bytes()));
    }
  }

  // ---- the replies, as they are asked for

  @Override
  public Future<Message> reply() {
    return headTold.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailersTold.future();
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
    try {
      while (!over && replies.hasNext(last != null)) {
        if (demand == 0) {
          return;
        }
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        hand(replies.next());
      }
    } catch (FramingException misfit) {
      unreadable(misfit);
      return;
    }
    if (last != null && !over) {
      finishWith(last);
    }
  }

  private void hand(Buffer reply) {
    Handler<Buffer> taker = handler;
    if (taker != null) {
      EventLoops.dispatch(caller, () -> taker.handle(reply));
    }
  }

  private void finishWith(Metadata trailers) {
    String name = request.headers().get(RestRequest.ERROR_TRAILER);
    List<String> texts =
        name == null
            ? List.of()
            : trailers.getAll(name).stream().filter(text -> !text.isBlank()).toList();
    if (texts.isEmpty()) {
      endWell(trailers);
    } else {
      fail(Failures.trailer(texts, trailers));
    }
  }

  /** Reads on while somebody asks, and until one reply is ahead. */
  private void letFlow() {
    RestConnection from = connection;
    if (!over && from != null) {
      from.setFlowing(socketGone || !replies.hasAhead());
    }
  }

  // ---- the end

  @Override
  public void unreadable(FramingException misfit) {
    fail(Failures.unreadable(address(), head, misfit));
  }

  /** What came before lies with Vert.x, and its end follows it. */
  @Override
  public void gone() {
    socketGone = true;
    letFlow();
  }

  @Override
  public void lost(@Nullable Throwable cause) {
    if (unsent && head == null) {
      fail(Failures.notWritten(address(), false, cause));
    } else {
      fail(Failures.lost(address(), head, cause));
    }
  }

  private String address() {
    return pool == null ? "" : pool.address();
  }

  private void endWell(Metadata trailers) {
    finish(RpcException.cancelled("the stream has ended").build());
    tell(
        () -> {
          opened.tryComplete();
          if (endWritten != null) {
            endWritten.tryComplete();
          }
          trailersTold.complete(trailers);
        });
  }

  /** Ends the stream with a failure, wherever it is; its connection is cut. */
  void fail(RpcException failure) {
    if (over) {
      return;
    }
    RestConnection open = connection;
    connection = null;
    if (open != null && sent) {
      open.cutOfStream();
    } else if (open != null) {
      open.endOfStream(true);
    }
    RpcException told = failure.toBuilder().times(times()).build();
    error = told;
    finish(told);
    tell(
        () -> {
          if (endWritten != null) {
            endWritten.tryFail(told);
          }
          opened.tryFail(told);
          headTold.tryFail(told);
          trailersTold.fail(told);
        });
  }

  private void finish(RpcException unwritten) {
    over = true;
    endedNanos = loop.nanoTime();
    if (dial != null) {
      dial.abandon();
      dial = null;
    }
    if (sent) {
      loop.observer().streamClosed(RestTransport.PROTOCOL);
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
      RestConnection open = connection;
      if (open != null && sent) {
        connection = null;
        open.cutOfStream();
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

  @Override
  public void aborted() {
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
