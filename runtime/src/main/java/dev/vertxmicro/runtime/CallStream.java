// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.StreamExchange;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The stream in the hands of the caller: typed requests and replies on whatever exchange the
 * attempt has that serves it.
 *
 * <p>Requests that are written before the response head are kept for another attempt, up to the
 * plan's bound; demand that comes before it waits for it. From the head on everything goes straight
 * to the exchange.
 *
 * <p>Made and ended by {@link StreamCall}; calls {@link StreamExchange}. Fields are touched on the
 * context of the call only: methods of the caller's hop there.
 */
final class CallStream<Q, R> implements RpcStream<Q, R> {

  private static final int DEFAULT_QUEUE_BYTES = 64 * 1024;

  private final StreamCall<Q, R> call;
  private final Context context;
  private final Replay replay;
  private final Promise<Metadata> headers;
  private final Promise<Metadata> trailers;

  // requests
  private @Nullable StreamExchange exchange;
  private boolean replayable = true;
  private boolean halfClosed;
  private int queueBytes = DEFAULT_QUEUE_BYTES;
  private @Nullable Handler<Void> drained;

  // replies
  private boolean open;
  private long demand;
  private @Nullable Handler<R> handler;

  // the end
  private boolean ended;
  private @Nullable RpcException failure;
  private boolean told;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  CallStream(StreamCall<Q, R> call, int mostReplayBytes) {
    this.call = call;
    this.context = call.context();
    this.replay = new Replay(context, mostReplayBytes);
    this.headers = Contexts.promise(context);
    this.trailers = Contexts.promise(context);
  }

  // ---- what the call does with it

  /** Takes the only request of a stream, before any attempt. */
  void fill(Buffer request) {
    halfClosed = true;
    replay.add(request, null);
    replay.end(null);
  }

  boolean isReplayable() {
    return replayable;
  }

  /** Sends what there is on the exchange of an attempt; others may run beside it. */
  void replayOn(StreamExchange attempted) {
    attempted.setWriteQueueMaxBytes(queueBytes);
    replay.sendOn(attempted);
  }

  /** Sends what comes on that exchange, the only one that runs. */
  void writeTo(StreamExchange attempted) {
    exchange = attempted;
    attempted.drainHandler(this::drain);
    if (!attempted.isWriteQueueFull()) {
      drain();
    }
  }

  /** The attempt that served the stream has failed; another may follow. */
  void detach() {
    exchange = null;
  }

  /** The response head has come: the stream stays with that exchange. */
  void commit(StreamExchange served, Metadata head) {
    stayWith(served);
    open = true;
    headers.complete(head);
    served.handler(this::onReply);
    if (demand > 0 && !ended) {
      served.fetch(demand);
    }
  }

  private void stayWith(StreamExchange served) {
    replayable = false;
    replay.settle();
    if (exchange != served) {
      writeTo(served);
    }
  }

  /** Tells the caller how the stream ended, once, after the call has let go of everything. */
  void end(@Nullable RpcException why, Metadata last) {
    ended = true;
    failure = why;
    exchange = null;
    if (why == null) {
      replay.fail(overAlready());
      trailers.complete(last);
      tellEnd();
    } else {
      replay.fail(why);
      headers.tryFail(why);
      trailers.fail(why);
      tellFailure();
    }
  }

  private void onReply(Buffer body) {
    if (ended) {
      return;
    }
    if (demand != Long.MAX_VALUE) {
      demand--;
    }
    R reply;
    try {
      reply = call.decode(body);
    } catch (RpcException unreadable) {
      call.giveUp(unreadable);
      return;
    }
    call.touch();
    Handler<R> taker = handler;
    if (taker != null) {
      try {
        taker.handle(reply);
      } catch (Throwable thrown) {
        Contexts.report(context, thrown);
      }
    }
  }

  private void tellEnd() {
    Handler<Void> users = endHandler;
    if (ended && failure == null && !told && demand > 0 && users != null) {
      told = true;
      run(() -> users.handle(null));
    }
  }

  private void tellFailure() {
    Handler<Throwable> users = exceptionHandler;
    RpcException why = failure;
    if (why != null && !told && users != null) {
      told = true;
      run(() -> users.handle(why));
    }
  }

  private void drain() {
    Handler<Void> users = drained;
    if (users != null) {
      run(() -> users.handle(null));
    }
  }

  /** Runs a handler of the user, who may throw. */
  private void run(Runnable users) {
    try {
      users.run();
    } catch (Throwable thrown) {
      Contexts.report(context, thrown);
    }
  }

  // ---- what the caller does with it

  private void here(Runnable task) {
    if (Contexts.isHere(context)) {
      task.run();
    } else {
      context.runOnContext(on -> task.run());
    }
  }

  @Override
  public Future<Void> write(Q request) {
    Objects.requireNonNull(request, "request");
    if (Contexts.isHere(context)) {
      return writeHere(request);
    }
    Promise<Void> written = Promise.promise();
    context.runOnContext(
        on -> {
          try {
            writeHere(request).onComplete(written);
          } catch (IllegalStateException halfClosed) {
            written.fail(halfClosed);
          }
        });
    return written.future();
  }

  private Future<Void> writeHere(Q request) {
    if (ended) {
      return Future.failedFuture(failure == null ? overAlready() : failure);
    }
    if (halfClosed) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    Buffer message;
    try {
      message = call.encode(request);
    } catch (RpcException unfit) {
      return Future.failedFuture(unfit);
    }
    call.touch();
    StreamExchange to = exchange;
    if (!replayable && to != null) {
      return to.write(message);
    }
    if (replay.hasRoomFor(message)) {
      return replay.add(message, to);
    }
    if (to == null) {
      call.core().observer().limitReached("replayBytes");
      return Future.failedFuture(
          RpcException.client(
                  GrpcStatus.RESOURCE_EXHAUSTED,
                  "request written between attempts, see writeQueueFull and maxReplayBytes")
              .build());
    }
    // More than is kept for another attempt: so there will be none.
    stayWith(to);
    return to.write(message);
  }

  @Override
  public Future<Void> end() {
    if (Contexts.isHere(context)) {
      return endHere();
    }
    Promise<Void> told = Promise.promise();
    context.runOnContext(on -> endHere().onComplete(told));
    return told.future();
  }

  private Future<Void> endHere() {
    if (ended) {
      return failure == null ? Future.succeededFuture() : Future.failedFuture(failure);
    }
    halfClosed = true;
    StreamExchange to = exchange;
    return replayable || to == null ? replay.end(to) : to.end();
  }

  private static RpcException overAlready() {
    return RpcException.cancelled("the stream has ended").build();
  }

  @Override
  public boolean writeQueueFull() {
    StreamExchange to = exchange;
    return !ended && (to == null || to.isWriteQueueFull());
  }

  @Override
  public RpcStream<Q, R> setWriteQueueMaxSize(int bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("maxSize: " + bytes + " (expected: above zero)");
    }
    here(
        () -> {
          queueBytes = bytes;
          if (exchange != null) {
            exchange.setWriteQueueMaxBytes(bytes);
          }
        });
    return this;
  }

  @Override
  public RpcStream<Q, R> drainHandler(@Nullable Handler<Void> handler) {
    here(() -> drained = handler);
    return this;
  }

  @Override
  public RpcStream<Q, R> handler(@Nullable Handler<R> handler) {
    here(() -> this.handler = handler);
    return this;
  }

  @Override
  public RpcStream<Q, R> pause() {
    here(
        () -> {
          demand = 0;
          if (open && exchange != null) {
            exchange.pause();
          }
        });
    return this;
  }

  @Override
  public RpcStream<Q, R> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public RpcStream<Q, R> fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
    }
    here(() -> fetchHere(amount));
    return this;
  }

  private void fetchHere(long amount) {
    if (amount == 0) {
      return;
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    if (ended) {
      tellEnd();
    } else if (open && exchange != null) {
      exchange.fetch(amount);
    }
  }

  @Override
  public RpcStream<Q, R> endHandler(@Nullable Handler<Void> handler) {
    here(
        () -> {
          endHandler = handler;
          tellEnd();
        });
    return this;
  }

  @Override
  public RpcStream<Q, R> exceptionHandler(@Nullable Handler<Throwable> handler) {
    here(
        () -> {
          exceptionHandler = handler;
          tellFailure();
        });
    return this;
  }

  @Override
  public Future<Metadata> headers() {
    return headers.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailers.future();
  }

  @Override
  public Node node() {
    return call.node();
  }

  @Override
  public int attempts() {
    return call.started();
  }

  @Override
  public void cancel(String reason) {
    call.cancel(reason);
  }

  @Override
  public String toString() {
    return "RpcStream[" + call + "]";
  }
}
