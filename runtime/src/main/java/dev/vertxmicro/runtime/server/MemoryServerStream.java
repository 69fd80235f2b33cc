// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.IncomingStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A stream that came over memory, on the context of its caller. */
final class MemoryServerStream<Q, R> implements ServerStream<Q, R> {

  private final MemoryServing serving;
  private final ServedEndpoint<Q, R> endpoint;
  private final IncomingStream incoming;
  private final Codec codec;
  private final MemoryCall call;
  private final @Nullable Context context = Vertx.currentContext();

  // Touched on the caller's context only.
  private boolean begun;
  private boolean ended;
  private boolean allRead;
  private boolean endTold;
  private boolean asked;
  private @Nullable RpcException failure;
  private boolean failureTold;
  private @Nullable Handler<Q> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  MemoryServerStream(
      MemoryServing serving, ServedEndpoint<Q, R> endpoint, IncomingStream incoming, Codec codec) {
    this.serving = serving;
    this.endpoint = endpoint;
    this.incoming = incoming;
    this.codec = codec;
    this.call =
        new MemoryCall(endpoint.name(), incoming.head(), incoming.deadline(), incoming.cancelled());
  }

  void start() {
    incoming.requests(this::onMessage, this::onAllRead);
    call.cancelled().onSuccess(this::lost);
    Future<?> handling = endpoint.handle(this);
    if (!handling.failed() && !ended) {
      begin();
    }
    handling.onComplete(this::onHandled);
  }

  /** The handler's future may complete on any thread. */
  private void onHandled(AsyncResult<?> result) {
    if (context == null || Vertx.currentContext() == context) {
      finish(result);
    } else {
      context.runOnContext(hop -> finish(result));
    }
  }

  private void finish(AsyncResult<?> result) {
    if (ended) {
      return;
    }
    if (result.succeeded()) {
      end();
    } else {
      fail(Served.statusOf(result.cause()).toException());
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      incoming.head(call.replyHeaders());
    }
  }

  private void fail(RpcException why) {
    if (!ended) {
      ended = true;
      incoming.fail(why);
    }
  }

  private void lost(RpcException why) {
    if (!ended) {
      ended = true;
      failure = why;
      tell();
    }
  }

  private void onMessage(Buffer body) {
    if (ended) {
      return;
    }
    Q value;
    try {
      serving.checkSize(body);
      value = serving.decode(codec, body, endpoint);
    } catch (RpcException unfit) {
      fail(unfit);
      failure = unfit;
      tell();
      return;
    }
    Handler<Q> users = handler;
    if (users != null) {
      run(() -> users.handle(value));
    }
  }

  private void onAllRead() {
    allRead = true;
    tell();
  }

  /** Tells what is to be told, each once. */
  private void tell() {
    Handler<Throwable> failed = exceptionHandler;
    RpcException why = failure;
    if (why != null && failed != null && !failureTold && !endTold) {
      failureTold = true;
      run(() -> failed.handle(why));
    }
    Handler<Void> over = endHandler;
    if (allRead && why == null && over != null && asked && !endTold) {
      endTold = true;
      run(() -> over.handle(null));
    }
  }

  /** Runs a handler of the user; one that throws ends the stream. */
  private void run(Runnable users) {
    try {
      users.run();
    } catch (Throwable thrown) {
      Served.LOG.log(
          System.Logger.Level.WARNING, "handler of " + endpoint.name() + " threw", thrown);
      fail(WireStatus.panic(thrown).toException());
    }
  }

  @Override
  public ServerCall call() {
    return call;
  }

  @Override
  public ServerStream<Q, R> handler(@Nullable Handler<Q> handler) {
    this.handler = handler;
    return this;
  }

  @Override
  public ServerStream<Q, R> endHandler(@Nullable Handler<Void> handler) {
    endHandler = handler;
    tell();
    return this;
  }

  @Override
  public ServerStream<Q, R> exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    tell();
    return this;
  }

  @Override
  public ServerStream<Q, R> pause() {
    asked = false;
    incoming.pause();
    return this;
  }

  @Override
  public ServerStream<Q, R> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ServerStream<Q, R> fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
    }
    if (amount > 0) {
      asked = true;
      incoming.fetch(amount);
      tell();
    }
    return this;
  }

  @Override
  public Future<Void> write(R reply) {
    if (ended) {
      RpcException why = failure;
      return Future.failedFuture(
          why != null ? why : RpcException.cancelled("the stream has ended").build());
    }
    Buffer body;
    try {
      body = serving.encode(codec, reply);
    } catch (RpcException unfit) {
      return Future.failedFuture(unfit);
    }
    begin();
    return incoming.write(body);
  }

  @Override
  public Future<Void> end() {
    if (!ended) {
      begin();
      ended = true;
      incoming.end(call.replyTrailers());
    }
    return Future.succeededFuture();
  }

  @Override
  public boolean writeQueueFull() {
    return !ended && incoming.isWriteQueueFull();
  }

  /** Changes nothing: the queue of a stream in memory is full at 64 KiB. */
  @Override
  public ServerStream<Q, R> setWriteQueueMaxSize(int bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("maxSize: " + bytes + " (expected: above zero)");
    }
    return this;
  }

  @Override
  public ServerStream<Q, R> drainHandler(@Nullable Handler<Void> handler) {
    incoming.drainHandler(handler == null ? null : () -> run(() -> handler.handle(null)));
    return this;
  }

  @Override
  public String toString() {
    return "MemoryServerStream[%s, %s]".formatted(endpoint.name(), ended ? "ended" : "open");
  }
}
