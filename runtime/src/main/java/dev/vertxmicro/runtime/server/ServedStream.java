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
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
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

  // Touched on the stream's context only.
  private boolean begun;
  private boolean answered;
  private boolean handled;
  private boolean requestEnded;
  private @Nullable Future<Void> endWritten;
  private boolean allRead;
  private boolean endTold;
  private @Nullable RpcException failure;
  private boolean failureTold;
  private boolean asked;
  private @Nullable Handler<Q> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

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
    if (Vertx.currentContext() == context) {
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
      tellFailure(reason);
    }
  }

  private void tellFailure(RpcException reason) {
    failure = reason;
    tell();
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
    Handler<Q> users = handler;
    if (users != null) {
      run(() -> users.handle(value));
    }
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
    Handler<Void> ended = endHandler;
    if (allRead && why == null && ended != null && asked && !endTold) {
      endTold = true;
      run(() -> ended.handle(null));
    }
  }

  /** Runs a handler of the user; one that throws ends the stream. */
  private void run(Runnable users) {
    try {
      users.run();
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.WARNING, "handler of " + endpoint.name() + " threw", thrown);
      giveUp(WireStatus.panic(thrown));
    }
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
    flow.pause();
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
      flow.fetch(amount);
      tell();
    }
    return this;
  }

  // ---- replies

  @Override
  public Future<Void> write(R reply) {
    if (answered) {
      RpcException why = failure;
      return Future.failedFuture(
          why != null ? why : RpcException.cancelled("the stream has ended").build());
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
    queue.drainHandler(handler == null ? null : () -> run(() -> handler.handle(null)));
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
