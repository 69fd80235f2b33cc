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
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a unary call and a stream have in common while they are served: the head of the request,
 * what goes out beside the replies, the deadline, and that nobody may want the answer any longer.
 */
abstract class Served implements ServerCall {

  static final System.Logger LOG = System.getLogger(RpcServer.class.getName());

  /** HTTP/2 error code: nothing wrong, please send no more. */
  static final long NO_ERROR = 0;

  final Serving serving;
  final HttpServerRequest request;
  final HttpServerResponse response;
  final Context context;
  private final String name;
  private final Codec codec;
  private final String contentType;
  private final Metadata metadata;
  private final Deadline deadline;
  private final Promise<RpcException> cancelled = Promise.promise();

  // Touched on the call's context only.
  private @Nullable Timer timer;
  private Metadata replyHeaders = Metadata.empty();
  private Metadata replyTrailers = Metadata.empty();

  Served(Serving serving, String name, HttpServerRequest request, RequestHead head) {
    this.serving = serving;
    this.name = name;
    this.request = request;
    this.response = request.response();
    this.context = serving.vertx().getOrCreateContext();
    this.codec = head.codec();
    this.contentType = head.contentType();
    this.metadata = head.metadata();
    this.deadline = head.deadline();
  }

  /** Starts to read. All handlers are set now: later the request may have ended. */
  abstract void start();

  /** Answers with {@code why} instead of whatever else would have been the answer. */
  abstract void giveUp(WireStatus why);

  /** The caller reset the stream, or its connection is gone. */
  abstract void onLost(WireStatus why);

  final void listenForLoss() {
    if (!deadline.isNone()) {
      timer = serving.time().timer(deadline.remainingNanos(), this::onDeadline);
    }
    response.closeHandler(closed -> onLost());
    request.exceptionHandler(failure -> onLost());
    response.exceptionHandler(failure -> onLost());
  }

  private void onLost() {
    onLost(WireStatus.server(GrpcStatus.CANCELLED, RpcError.CANCELLED_CODE, "the caller left"));
  }

  private void onDeadline() {
    timer = null;
    giveUp(
        WireStatus.server(
            GrpcStatus.DEADLINE_EXCEEDED, 408, "deadline exceeded while serving " + name));
  }

  /** Answers a call for which the drain will not wait. */
  final void onClosing() {
    giveUp(WireStatus.server(GrpcStatus.UNAVAILABLE, 503, "server closed while serving " + name));
  }

  final void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Tells the handler that nobody waits any longer. */
  final void tellCancelled(WireStatus why) {
    cancelled.tryComplete(why.toException());
  }

  /** What a handler that threw makes of its call; the trace is nowhere but in the log. */
  static <T> Future<T> panic(String name, Throwable thrown) {
    LOG.log(System.Logger.Level.WARNING, "handler of " + name + " threw", thrown);
    return Future.failedFuture(new HandlerPanic(thrown));
  }

  static WireStatus statusOf(Throwable failure) {
    return failure instanceof HandlerPanic panic
        ? WireStatus.panic(panic.thrown())
        : WireStatus.of(failure);
  }

  /** A handler that takes bytes gets them as they are, whatever the content type says. */
  final <Q> Q decode(Buffer body, TypeRef<Q> type) {
    return decode(codec, body, type);
  }

  @SuppressWarnings("unchecked")
  static <Q> Q decode(Codec codec, Buffer body, TypeRef<Q> type) {
    return type.type() == Buffer.class ? (Q) body : codec.decode(body, type);
  }

  static WireStatus unreadable(CodecException unfit) {
    return WireStatus.plain(
        GrpcStatus.INTERNAL,
        "grpc: failed to unmarshal the received message: " + unfit.getMessage());
  }

  final Buffer encode(@Nullable Object reply) {
    return encode(codec, reply);
  }

  static Buffer encode(Codec codec, @Nullable Object reply) {
    if (reply == null) {
      throw new CodecException("value: null (expected: a reply)", null);
    }
    return reply instanceof Buffer raw ? raw : codec.encode(reply);
  }

  static WireStatus unwritable(CodecException unfit) {
    return WireStatus.plain(
        GrpcStatus.INTERNAL, "grpc: failed to marshal the reply: " + unfit.getMessage());
  }

  static WireStatus tooLarge(int length, int most) {
    return WireStatus.plain(
        GrpcStatus.RESOURCE_EXHAUSTED,
        "grpc: trying to send message larger than max (%d vs. %d)".formatted(length, most));
  }

  /** Sets the head of an answer with replies. */
  final void beginReply() {
    GrpcAnswer.begin(response, contentType);
    replyHeaders.forEach((name, value) -> response.headers().add(name, value));
  }

  /** Sets the trailers of an answer that went well. */
  final void closeReply() {
    replyTrailers.forEach((name, value) -> response.trailers().add(name, value));
    response.trailers().set("grpc-status", "0");
  }

  /** Sets the trailers of an answer that has begun and fails. */
  final void closeReply(WireStatus status) {
    replyTrailers.forEach((name, value) -> response.trailers().add(name, value));
    status.writeTo(response.trailers());
  }

  /** Sends a failure alone. */
  final Future<Void> fail(WireStatus status) {
    GrpcAnswer.begin(response, contentType);
    replyTrailers.forEach((name, value) -> response.headers().add(name, value));
    status.writeTo(response.headers());
    return response.end();
  }

  @Override
  public final String endpoint() {
    return name;
  }

  @Override
  public final String contentType() {
    return contentType;
  }

  @Override
  public final Metadata metadata() {
    return metadata;
  }

  @Override
  public final Deadline deadline() {
    return deadline;
  }

  @Override
  public final String remoteAddress() {
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : address.toString();
  }

  @Override
  public final Future<RpcException> cancelled() {
    return cancelled.future();
  }

  @Override
  public final ServerCall replyHeader(String name, String value) {
    replyHeaders = checked(replyHeaders, name, value);
    return this;
  }

  @Override
  public final ServerCall replyTrailer(String name, String value) {
    replyTrailers = checked(replyTrailers, name, value);
    return this;
  }

  static Metadata checked(Metadata metadata, String name, String value) {
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
}
