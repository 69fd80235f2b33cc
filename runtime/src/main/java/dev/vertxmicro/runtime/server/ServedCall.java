// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.ReservedHeaders;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One call from its first byte to its answer. Made by {@link Serving}, which it tells of its end.
 *
 * <p>Two things end independently: the answer, which is given once (by the handler, the deadline,
 * the drain, or not at all if the caller left), and the handler, whose late reply is dropped. The
 * state changes before anything is written: Vert.x may report the end of the stream from within the
 * write that ends it.
 */
final class ServedCall<Q, R> implements ServerCall {

  private static final System.Logger LOG = System.getLogger(RpcServer.class.getName());

  /** HTTP/2 error code: nothing wrong, please send no more. */
  private static final long NO_ERROR = 0;

  private enum State {
    /** The request is not there yet. */
    READING,
    /** The handler runs, and its reply is awaited. */
    RUNNING,
    /** The handler runs, but nobody waits for its reply. */
    ABANDONED,
    /** Nothing runs; the answer is given or not wanted. */
    ENDED
  }

  private final Serving serving;
  private final ServedEndpoint<Q, R> endpoint;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private final Codec codec;
  private final String contentType;
  private final Metadata metadata;
  private final Deadline deadline;
  private final Promise<RpcException> cancelled;

  // Touched on the call's context only.
  private State state = State.READING;
  private boolean requestEnded;
  private @Nullable Timer timer;
  private Metadata replyHeaders = Metadata.empty();
  private Metadata replyTrailers = Metadata.empty();

  ServedCall(
      Serving serving, ServedEndpoint<Q, R> endpoint, HttpServerRequest request, RequestHead head) {
    this.serving = serving;
    this.endpoint = endpoint;
    this.request = request;
    this.response = request.response();
    this.context = serving.vertx().getOrCreateContext();
    this.codec = head.codec();
    this.contentType = head.contentType();
    this.metadata = head.metadata();
    this.deadline = head.deadline();
    this.cancelled = Promise.promise();
  }

  /** Starts to read. All handlers are set now: later the request may have ended. */
  void start() {
    if (!deadline.isNone()) {
      timer = serving.time().timer(deadline.remainingNanos(), this::onDeadline);
    }
    UnaryReader reader =
        new UnaryReader(serving.options().getMaxRequestBytes(), this::onMessage, this::onMisfit);
    response.closeHandler(closed -> onLost());
    request.exceptionHandler(failure -> onLost());
    response.exceptionHandler(failure -> onLost());
    request.handler(reader::chunk);
    request.endHandler(
        end -> {
          requestEnded = true;
          if (state == State.READING) {
            reader.end();
          }
        });
  }

  private void onMessage(Buffer body) {
    if (state != State.READING) {
      return;
    }
    Q value;
    try {
      value = decode(body, endpoint.requestType());
    } catch (CodecException unfit) {
      onMisfit(
          WireStatus.plain(
              GrpcStatus.INTERNAL,
              "grpc: failed to unmarshal the received message: " + unfit.getMessage()));
      return;
    }
    state = State.RUNNING;
    new InboundCall(deadline, metadata).attachTo(context);
    handle(value).onComplete(this::onHandled);
  }

  /** A handler that takes bytes gets them as they are, whatever the content type says. */
  @SuppressWarnings("unchecked")
  private Q decode(Buffer body, TypeRef<Q> type) {
    return type.type() == Buffer.class ? (Q) body : codec.decode(body, type);
  }

  private Future<R> handle(Q value) {
    try {
      Future<R> reply = endpoint.handler().handle(value, this);
      return reply != null ? reply : panic(new NullPointerException("the handler returned null"));
    } catch (RpcException typed) {
      return Future.failedFuture(typed);
    } catch (Throwable thrown) {
      return panic(thrown);
    }
  }

  private Future<R> panic(Throwable thrown) {
    // The caller gets one line; the trace is nowhere but here.
    LOG.log(System.Logger.Level.WARNING, "handler of " + endpoint.name() + " threw", thrown);
    return Future.failedFuture(new HandlerPanic(thrown));
  }

  /** The handler's future may complete on any thread. */
  private void onHandled(AsyncResult<R> reply) {
    if (Vertx.currentContext() == context) {
      finish(reply);
    } else {
      context.runOnContext(hop -> finish(reply));
    }
  }

  private void finish(AsyncResult<R> reply) {
    boolean wanted = state == State.RUNNING;
    end();
    if (!wanted) {
      return;
    }
    if (reply.failed()) {
      Throwable failure = reply.cause();
      answer(
          failure instanceof HandlerPanic panic
              ? WireStatus.panic(panic.thrown())
              : WireStatus.of(failure));
      return;
    }
    Buffer body;
    try {
      body = encode(reply.result());
    } catch (CodecException unfit) {
      String text = "grpc: failed to marshal the reply: " + unfit.getMessage();
      answer(WireStatus.plain(GrpcStatus.INTERNAL, text));
      return;
    }
    int most = serving.options().getMaxReplyBytes();
    if (body.length() > most) {
      answer(
          WireStatus.plain(
              GrpcStatus.RESOURCE_EXHAUSTED,
              "grpc: trying to send message larger than max (%d vs. %d)"
                  .formatted(body.length(), most)));
    } else {
      answer(body);
    }
  }

  private Buffer encode(@Nullable R reply) {
    if (reply == null) {
      throw new CodecException("value: null (expected: a reply)", null);
    }
    return reply instanceof Buffer raw ? raw : codec.encode(reply);
  }

  private void answer(Buffer body) {
    GrpcAnswer.begin(response, contentType);
    replyHeaders.forEach((name, value) -> response.headers().add(name, value));
    replyTrailers.forEach((name, value) -> response.trailers().add(name, value));
    response.trailers().set("grpc-status", "0");
    response.end(
        Buffer.buffer(5 + body.length())
            .appendByte((byte) 0)
            .appendInt(body.length())
            .appendBuffer(body));
  }

  private void answer(WireStatus status) {
    GrpcAnswer.begin(response, contentType);
    replyTrailers.forEach((name, value) -> response.headers().add(name, value));
    status.writeTo(response.headers());
    response.end();
  }

  /** The request cannot be served as it is: it never reaches the handler. */
  private void onMisfit(WireStatus status) {
    end();
    answer(status);
    if (!requestEnded) {
      response.reset(NO_ERROR);
    }
  }

  private void onDeadline() {
    timer = null;
    giveUp(
        WireStatus.server(
            GrpcStatus.DEADLINE_EXCEEDED,
            408,
            "deadline exceeded while serving " + endpoint.name()));
  }

  /** Answers a call for which the drain will not wait. */
  void onClosing() {
    giveUp(
        WireStatus.server(
            GrpcStatus.UNAVAILABLE, 503, "server closed while serving " + endpoint.name()));
  }

  private void giveUp(WireStatus status) {
    if (abandon(status)) {
      answer(status);
    }
  }

  /** The caller reset the stream, or its connection is gone. */
  private void onLost() {
    abandon(WireStatus.server(GrpcStatus.CANCELLED, RpcError.CANCELLED_CODE, "the caller left"));
  }

  /** Returns whether the call was still open. */
  private boolean abandon(WireStatus why) {
    if (state == State.READING) {
      end();
      return true;
    }
    if (state != State.RUNNING) {
      return false;
    }
    state = State.ABANDONED;
    disarm();
    cancelled.complete(why.toException());
    return true;
  }

  private void end() {
    state = State.ENDED;
    disarm();
    serving.ended(this);
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public String endpoint() {
    return endpoint.name();
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  @Override
  public String remoteAddress() {
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : address.toString();
  }

  @Override
  public Future<RpcException> cancelled() {
    return cancelled.future();
  }

  @Override
  public ServerCall replyHeader(String name, String value) {
    replyHeaders = checked(replyHeaders, name, value);
    return this;
  }

  @Override
  public ServerCall replyTrailer(String name, String value) {
    replyTrailers = checked(replyTrailers, name, value);
    return this;
  }

  private static Metadata checked(Metadata metadata, String name, String value) {
    if (ReservedHeaders.isReserved(name)) {
      throw new IllegalArgumentException("name: " + name + " (expected: not a reserved header)");
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
        throw new IllegalArgumentException(
            "value of " + name + ": not ASCII at " + i + " (expected: printable ASCII)");
      }
    }
    return metadata.plus(name, value);
  }

  @Override
  public String toString() {
    return "ServedCall[%s, %s, %s]".formatted(endpoint.name(), state, deadline);
  }
}
