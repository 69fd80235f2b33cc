// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.framing.MessageFlow;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.framing.MessageReader;
import dev.vertxmicro.runtime.framing.WriteQueue;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * One stream from its head to its status. Made by {@link Serving}, which it tells of its end.
 *
 * <p>As with a call, two things end independently: the answer and the handler.
 */
final class ServedStream<Q, R> extends Served implements ServerStream<Q, R> {

  private final ServedEndpoint<Q, R> endpoint;
  private final WriteQueue queue = new WriteQueue();
  private final MessageFlow flow;
  private final RequestSide<Q> requests;

  // Touched on the stream's context only.
  private boolean begun;
  private boolean answered;
  private boolean handled;
  private boolean requestEnded;
  private @Nullable Future<Void> endWritten;

  ServedStream(
      Serving serving, ServedEndpoint<Q, R> endpoint, HttpServerRequest request, RequestHead head) {
    super(serving, endpoint.name(), request, head);
    this.endpoint = endpoint;
    this.flow =
        new MessageFlow(
            request,
            new MessageReader(serving.options().getMaxRequestBytes(), null),
            this::onMessage,
            this::onMisfit,
            this::onAllRead);
    this.requests =
        new RequestSide<>(
            endpoint.name(),
            flow::fetch,
            flow::pause,
            Runnable::run,
            thrown -> giveUp(WireStatus.panic(thrown)));
  }

  @Override
  void start() {
    listenForLoss();
    request.pause();
    request.handler(flow::chunk);
    request.endHandler(
        end -> {
          requestEnded = true;
          flow.end();
        });
    new InboundCall(deadline(), metadata()).attachTo(context);
    Future<?> handling = endpoint.handle(this);
    if (!handling.failed() && !answered) {
      begin();
    }
    handling.onComplete(this::onHandled);
    flow.start();
  }

  private void begin() {
    if (!begun) {
      begun = true;
      beginReply();
      response.setChunked(true).writeHead();
      queue.flow(body -> MessageFrame.write(body, response), RpcException::from);
    }
  }

  /** The handler's future may complete on any thread. */
  private void onHandled(AsyncResult<?> result) {
    if (EventLoops.isRunning(context)) {
      finish(result);
    } else {
      context.runOnContext(hop -> finish(result));
    }
  }

  private void finish(AsyncResult<?> result) {
    handled = true;
    if (!answered) {
      if (result.succeeded()) {
        endWell();
      } else {
        answer(statusOf(result.cause()));
      }
    }
    serving.ended(this);
  }

  // ---- the answer

  private Future<Void> endWell() {
    begin();
    closeReply();
    return endWith(response.end());
  }

  private void answer(WireStatus status) {
    if (begun) {
      closeReply(status);
      endWith(response.end());
    } else {
      endWith(fail(status));
    }
  }

  private Future<Void> endWith(Future<Void> written) {
    endWritten = written;
    answered();
    // Behind what flow control holds back: a reset before would overtake it.
    return written.onSuccess(
        left -> {
          if (!requestEnded) {
            response.reset(NO_ERROR);
          }
        });
  }

  private void answered() {
    answered = true;
    disarm();
    flow.stop();
  }

  @Override
  void giveUp(WireStatus why) {
    if (!answered) {
      answer(why);
      abandon(why);
    }
  }

  @Override
  void onLost(WireStatus why) {
    if (!answered) {
      answered();
      abandon(why);
    }
  }

  private void abandon(WireStatus why) {
    RpcException reason = why.toException();
    queue.fail(reason);
    if (!handled) {
      tellCancelled(why);
      requests.failed(reason);
    }
  }

  // ---- requests

  private void onMessage(Buffer body) {
    Q value;
    try {
      value = decode(body, endpoint.requestType());
    } catch (CodecException unfit) {
      giveUp(unreadable(unfit));
      return;
    }
    requests.message(value);
  }

  private void onMisfit(FramingException misfit) {
    giveUp(WireStatus.plain(misfit.status(), "grpc: " + misfit.getMessage()));
  }

  private void onAllRead() {
    if (flow.left() > 0) {
      giveUp(
          WireStatus.plain(
              GrpcStatus.INTERNAL,
              "grpc: request ended after " + flow.left() + " bytes, inside a message"));
      return;
    }
    requests.allRead();
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

  // ---- replies

  @Override
  public Future<Void> write(R reply) {
    if (answered) {
      return Future.failedFuture(requests.ended());
    }
    Buffer body;
    try {
      body = encode(reply);
    } catch (CodecException unfit) {
      return Future.failedFuture(unwritable(unfit).toException());
    }
    int most = serving.options().getMaxReplyBytes();
    if (body.length() > most) {
      return Future.failedFuture(tooLarge(body.length(), most).toException());
    }
    return queue.write(body);
  }

  @Override
  public Future<Void> end() {
    Future<Void> written = endWritten;
    if (answered) {
      return written == null ? Future.succeededFuture() : written;
    }
    return endWell();
  }

  @Override
  public boolean writeQueueFull() {
    return !answered && queue.isFull();
  }

  @Override
  public ServerStream<Q, R> setWriteQueueMaxSize(int bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("maxSize: " + bytes + " (expected: above zero)");
    }
    queue.setMostBytes(bytes);
    return this;
  }

  @Override
  public ServerStream<Q, R> drainHandler(@Nullable Handler<Void> handler) {
    queue.drainHandler(handler == null ? null : () -> requests.run(() -> handler.handle(null)));
    return this;
  }

  @Override
  public ServerCall call() {
    return this;
  }

  @Override
  public String toString() {
    return "ServedStream[%s, %s]".formatted(endpoint.name(), answered ? "answered" : "open");
  }
}
