// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.IncomingStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A stream that came over memory, on the thread of its caller. */
final class MemoryServerStream<Q, R> implements ServerStream<Q, R> {

  private final MemoryServing serving;
  private final ServedEndpoint<Q, R> endpoint;
  private final IncomingStream incoming;
  private final Codec codec;
  private final MemoryCall call;
  private final RequestSide<Q> requests;

  // Touched on the caller's thread only.
  private boolean begun;
  private boolean ended;

  MemoryServerStream(
      MemoryServing serving, ServedEndpoint<Q, R> endpoint, IncomingStream incoming, Codec codec) {
    this.serving = serving;
    this.endpoint = endpoint;
    this.incoming = incoming;
    this.codec = codec;
    this.call =
        new MemoryCall(endpoint.name(), incoming.head(), incoming.deadline(), incoming.cancelled());
    this.requests =
        new RequestSide<>(
            endpoint.name(),
            incoming::fetch,
            incoming::pause,
            call::run,
            thrown -> fail(WireStatus.panic(thrown).toException()));
  }

  void start() {
    call.run(this::startThere);
  }

  private void startThere() {
    incoming.requests(this::onMessage, requests::allRead);
    call.cancelled().onSuccess(this::lost);
    Future<?> handling = endpoint.handle(this);
    if (!handling.failed() && !ended) {
      begin();
    }
    handling.onComplete(this::onHandled);
  }

  /** The handler's future may complete on any thread. */
  private void onHandled(AsyncResult<?> result) {
    call.runSoon(() -> finish(result));
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
      requests.failed(why);
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
      requests.failed(unfit);
      return;
    }
    requests.message(value);
  }

  @Override
  public ServerCall call() {
    return call;
  }

  @Override
  public ServerStream<Q, R> handler(@Nullable Handler<Q> handler) {
    requests.handler(handler);
    return this;
  }

  @Override
  public ServerStream<Q, R> endHandler(@Nullable Handler<Void> handler) {
    requests.endHandler(handler);
    return this;
  }

  @Override
  public ServerStream<Q, R> exceptionHandler(@Nullable Handler<Throwable> handler) {
    requests.exceptionHandler(handler);
    return this;
  }

  @Override
  public ServerStream<Q, R> pause() {
    requests.pause();
    return this;
  }

  @Override
  public ServerStream<Q, R> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ServerStream<Q, R> fetch(long amount) {
    requests.fetch(amount);
    return this;
  }

  @Override
  public Future<Void> write(R reply) {
    if (ended) {
      return Future.failedFuture(requests.ended());
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
    incoming.drainHandler(handler == null ? null : () -> requests.run(() -> handler.handle(null)));
    return this;
  }

  @Override
  public String toString() {
    return "MemoryServerStream[%s, %s]".formatted(endpoint.name(), ended ? "ended" : "open");
  }
}
