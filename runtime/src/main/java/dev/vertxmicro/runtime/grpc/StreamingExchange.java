// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.MessageFlow;
import dev.vertxmicro.runtime.framing.MessageReader;
import dev.vertxmicro.runtime.framing.WriteQueue;
import dev.vertxmicro.runtime.pooling.HoppedStream;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import org.jspecify.annotations.Nullable;

/**
 * One stream: messages both ways, each when the other side, and this one, has room.
 *
 * <p>What is written goes straight to the stream, which holds it while flow control does; its bytes
 * are counted here ({@link WriteQueue}). What comes is read while somebody asks for messages, and
 * one chunk ahead of that, so that the end of a stream shows without asking. The rest stays behind
 * the flow-control window, and so with the server.
 *
 * <p>The stream on the wire may be over before its last messages were asked for: its place is given
 * back at once, the status waits for them.
 */
final class StreamingExchange extends PooledExchange implements StreamExchange {

  private static final int FOREIGN_BODY_BYTES = 64 * 1024;

  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> head = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();

  // requests
  private final WriteQueue queue = new WriteQueue();
  private @Nullable WireStream out;
  private boolean ending;
  private @Nullable Promise<Void> endWritten;
  private boolean endLeft;

  // replies
  private @Nullable MessageFlow flow;
  private @Nullable Handler<Buffer> handler;
  private long demand;
  private boolean replied;
  private ReplyHeaders last = ReplyHeaders.NONE;
  private @Nullable RpcException error;
  private int foreignBytes;

  StreamingExchange(
      GrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      Deadline deadline,
      SendOptions options) {
    super(loop, caller, gate, request, deadline, options);
  }

  private @Nullable StreamExchange there() {
    return (StreamExchange) elsewhere();
  }

  @Override
  Exchange moveTo(ConnectionPool owner, Context caller) {
    HoppedStream hopped = owner.loop().hopStream(caller, owner.node(), request, deadline, options);
    hopped.setWriteQueueMaxBytes(queue.mostBytes());
    hopped.drainHandler(queue::drained);
    queue.moveTo(hopped::write);
    if (endWritten != null) {
      hopped.end().onComplete(endWritten);
    }
    if (handler != null) {
      hopped.handler(handler);
    }
    if (demand > 0) {
      hopped.fetch(demand);
    }
    hopped.opened().onComplete(opened);
    hopped.reply().onComplete(head);
    hopped
        .trailers()
        .onComplete(
            last -> {
              endedElsewhere();
              trailers.complete(last);
            },
            failure -> {
              endedElsewhere();
              trailers.fail(failure);
            });
    return hopped;
  }

  // ---- out

  @Override
  public Future<Void> opened() {
    return opened.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (ending) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (isDone() || replied) {
      return Future.failedFuture(over());
    }
    if (message.length() > options.maxRequestBytes()) {
      loop.observer().limitReached("requestBytes");
      return Future.failedFuture(
          Refusals.requestTooLarge(message.length(), options.maxRequestBytes()));
    }
    StreamExchange there = there();
    return there == null ? queue.write(message) : there.write(message);
  }

  @Override
  public Future<Void> end() {
    Promise<Void> told = endWritten;
    if (told == null) {
      ending = true;
      told = Promise.promise();
      endWritten = told;
      if (isDone() || replied) {
        told.complete();
      } else if (there() != null) {
        there().end().onComplete(told);
      } else if (out != null) {
        endNow(out, told);
      }
    }
    return told.future();
  }

  private void endNow(WireStream stream, Promise<Void> told) {
    stream
        .end()
        .onComplete(
            left -> {
              endLeft = true;
              told.tryComplete();
            },
            failure -> told.tryFail(typed(failure)));
  }

  private RpcException over() {
    return error != null ? error : RpcException.cancelled("the stream has ended").build();
  }

  private RpcException typed(Throwable failure) {
    if (error != null) {
      return error;
    }
    Connection on = connection();
    return Failures.notWritten(on == null ? "the node" : on.address(), failure);
  }

  @Override
  public boolean isWriteQueueFull() {
    StreamExchange there = there();
    return there == null ? queue.isFull() : there.isWriteQueueFull();
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {
    queue.setMostBytes(bytes);
    StreamExchange there = there();
    if (there != null) {
      there.setWriteQueueMaxBytes(bytes);
    }
  }

  @Override
  public void drainHandler(@Nullable Runnable drained) {
    queue.drainHandler(drained);
  }

  @Override
  void write(WireStream stream) {
    boolean atOnce = stream.takesMessagesAtOnce();
    stream.writeHead().onComplete(sent -> headSent(stream, sent, atOnce));
    if (atOnce && isFlowing()) {
      flow(stream);
    }
  }

  private void headSent(WireStream stream, AsyncResult<Void> sent, boolean flowing) {
    written(sent.cause());
    if (sent.failed() || isDone()) {
      return;
    }
    if (!flowing) {
      flow(stream);
    }
    opened.tryComplete();
  }

  /** From now on messages go straight to the stream. */
  private void flow(WireStream stream) {
    out = stream;
    queue.flow(stream::write, this::typed);
    if (endWritten != null) {
      endNow(stream, endWritten);
    }
  }

  // ---- in

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
    StreamExchange there = there();
    if (there != null) {
      there.handler(handler);
    }
  }

  @Override
  public void fetch(long amount) {
    StreamExchange there = there();
    if (there != null) {
      there.fetch(amount);
    } else if (flow != null) {
      flow.fetch(amount);
    } else {
      demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    }
  }

  @Override
  public void pause() {
    demand = 0;
    StreamExchange there = there();
    if (there != null) {
      there.pause();
    } else if (flow != null) {
      flow.pause();
    }
  }

  @Override
  void read(WireStream stream, ReplyHead received) {
    if (!received.isGrpc() || received.headers().get(GrpcHeaders.STATUS) != null) {
      // Its end follows at once, and says all.
      return;
    }
    stream.pause();
    MessageFlow messages =
        new MessageFlow(
            stream::resume,
            stream::pause,
            new MessageReader(options.maxReplyBytes(), received.encoding()),
            this::handOver,
            misfit -> fail(Failures.answered(misfit).build()),
            this::settle);
    flow = messages;
    String contentType = received.contentType();
    head.complete(
        Message.reply()
            .contentType(
                ContentSubtype.ofReply(
                    contentType == null ? "" : contentType, request.contentType()))
            .headers(received.headers().metadata())
            .build());
    messages.fetch(demand);
  }

  private void handOver(Buffer message) {
    if (handler != null) {
      handler.handle(message);
    }
  }

  @Override
  void chunk(Buffer chunk) {
    Connection on = connection();
    if (on != null) {
      on.heard();
    }
    if (isDone()) {
      return;
    }
    if (flow == null) {
      foreignChunk(chunk);
    } else {
      flow.chunk(chunk);
    }
  }

  private void foreignChunk(Buffer chunk) {
    ReplyHead received = head();
    foreignBytes += chunk.length();
    if (foreignBytes > FOREIGN_BODY_BYTES && received != null) {
      fail(ReplyStatus.foreign(received, ", more than " + FOREIGN_BODY_BYTES + " bytes").build());
    }
  }

  /** The stream on the wire is over; its last messages may not have been asked for. */
  @Override
  void ended(ReplyHeaders trailers) {
    ReplyHead received = head();
    replied = true;
    last = trailers;
    if (isDone() || received == null) {
      return;
    }
    error = status(received, trailers);
    if (flow == null) {
      if (error == null) {
        head.complete(Message.reply().headers(received.headers().metadata()).build());
      }
      settle();
    } else {
      leaveWire();
      flow.end();
    }
  }

  private static @Nullable RpcException status(ReplyHead received, ReplyHeaders trailers) {
    try {
      return ReplyStatus.failure(received, trailers);
    } catch (RuntimeException broken) {
      return RpcException.from(broken);
    }
  }

  /** Everything was handed over that came before the status. */
  private void settle() {
    RpcException failure = error;
    if (failure == null && flow != null && flow.left() > 0) {
      failure =
          Failures.answered(
                  GrpcStatus.INTERNAL,
                  "the stream ends inside of a message, after " + flow.left() + " bytes")
              .build();
    }
    if (failure != null) {
      fail(failure);
      return;
    }
    finish();
    queue.fail(over());
    if (endWritten != null) {
      endWritten.tryComplete();
    }
    opened.tryComplete();
    trailers.complete(last.metadata());
  }

  @Override
  void tellFailure(RpcException failure) {
    error = failure;
    if (flow != null) {
      flow.stop();
    }
    queue.fail(failure);
    if (endWritten != null) {
      endWritten.tryFail(failure);
    }
    opened.tryFail(failure);
    head.tryFail(failure);
    trailers.fail(failure);
  }

  // ---- the wire

  @Override
  boolean isComplete() {
    return endLeft && replied;
  }

  /** A server that has ended the stream need not be told that we have, by a reset. */
  @Override
  boolean endQuietly(WireStream stream) {
    if (!replied || !queue.isEmpty()) {
      return false;
    }
    if (!ending) {
      stream.end().onComplete(left -> endLeft = true, alreadyGone -> endLeft = true);
    }
    return true;
  }

  /**
   * Vert.x reports a connection's end to a stream that stands before the rest of what it holds for
   * it: let it flow and look again.
   */
  @Override
  boolean mayBeComplete(Throwable cause) {
    if (!(cause instanceof HttpClosedException) || flow == null || replied) {
      return false;
    }
    flow.letAllIn();
    return true;
  }

  @Override
  boolean turnedOutComplete() {
    return replied;
  }

  @Override
  public String toString() {
    return "StreamingExchange[" + request.endpoint() + ", " + state() + "]";
  }
}
