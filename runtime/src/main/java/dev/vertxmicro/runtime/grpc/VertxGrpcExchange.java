// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcErrorException;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.common.WireFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One unary call of {@link VertxGrpcTransport}. The caller's half lives on the caller's context and
 * decides the outcome; the other half lives on the event loop of the connection and reports to it.
 * Where both are one thread, which is usual, nothing waits for the other.
 */
final class VertxGrpcExchange implements Exchange {

  private static final String NOT_GRPC = "not a gRPC answer: ";

  private final VertxGrpcTransport transport;
  private final VertxGrpcLoop loop;
  private final Context caller;
  private final Node node;
  private final Message request;
  private final Deadline deadline;
  private final SendOptions options;
  private final boolean hops;
  private final SendGate gate = new SendGate();
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  // the caller's context only
  private @Nullable PhaseTimes ended;
  private @Nullable Timer guard;

  // the event loop only
  private @Nullable GrpcClientRequest<Buffer, Buffer> http;
  private @Nullable GrpcMessage message;
  private boolean over;

  VertxGrpcExchange(
      VertxGrpcTransport transport,
      VertxGrpcLoop loop,
      Context caller,
      Node node,
      Message request,
      Deadline deadline,
      SendOptions options) {
    this.transport = transport;
    this.loop = loop;
    this.caller = caller;
    this.node = node;
    this.request = request;
    this.deadline = deadline;
    this.options = options;
    this.hops = !EventLoops.isHere(caller);
    this.startedNanos = transport.time().nanoTime();
  }

  // the caller's half

  /** Called once, on the caller's context, or by the foreign thread that sends. */
  void start() {
    RpcException refusal = refusal();
    if (refusal != null) {
      settle(null, refusal);
      return;
    }
    GrpcAddress address;
    String path;
    try {
      path = GrpcPath.of(request.target(), request.endpoint());
      address = GrpcAddress.parse(GrpcAddress.keyOf(node));
    } catch (IllegalArgumentException bad) {
      settle(null, Failures.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    EventLoops.execute(caller, this::armDialTimeout);
    EventLoops.execute(loop.context(), () -> connect(address, path));
  }

  private @Nullable RpcException refusal() {
    if (transport.isClosed()) {
      return Failures.closed();
    }
    String subtype = ContentSubtype.of(request.contentType());
    if (subtype == null || subtype.equals(ContentSubtype.BYTES)) {
      return Failures.unsendable("unsupported Content-Type: " + request.contentType());
    }
    int length = request.body().length();
    if (length > options.maxRequestBytes()) {
      transport.observer().limitReached("requestBytes");
      return Failures.requestTooLarge(length, options.maxRequestBytes());
    }
    try {
      GrpcHeaders.check(request.headers());
    } catch (IllegalArgumentException bad) {
      return Failures.badMetadata(String.valueOf(bad.getMessage()));
    }
    return deadline.remainingNanos() <= 0 ? Failures.tooLate() : null;
  }

  private void armDialTimeout() {
    if (ended == null) {
      guard = transport.time().timer(options.dialTimeout().toNanos(), this::onDialTimeout);
    }
  }

  private void onDialTimeout() {
    guard = null;
    if (ended != null) {
      return;
    }
    if (gate.shut()) {
      settle(
          null,
          RpcException.client(
                  GrpcStatus.UNAVAILABLE,
                  "no connection to " + node.address() + " in " + options.dialTimeout())
              .build());
    } else if (deadline.isNone()) {
      long silence = TimeUnit.MINUTES.toNanos(VertxGrpcTransport.MOST_SILENCE_MINUTES);
      guard =
          transport
              .time()
              .timer(
                  silence,
                  () -> giveUp("no answer in " + VertxGrpcTransport.MOST_SILENCE_MINUTES + " min"));
    }
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    if (ended == null) {
      settle(null, Failures.cancelled(gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN));
      EventLoops.execute(loop.context(), this::cancelThere);
    }
  }

  /** Called by any thread when the transport closes. */
  void failIfWaiting() {
    EventLoops.execute(
        caller,
        () -> {
          if (ended == null && gate.shut()) {
            settle(null, Failures.closed());
          }
        });
  }

  /** Called by any thread when the transport will not wait any longer. */
  void abort() {
    EventLoops.execute(caller, () -> giveUp("the transport was closed"));
  }

  private void giveUp(String why) {
    guard = null;
    if (ended == null) {
      Processed processed = gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN;
      settle(null, RpcException.client(GrpcStatus.UNAVAILABLE, why).processed(processed).build());
      EventLoops.execute(loop.context(), this::cancelThere);
    }
  }

  /** True while another thread may send at any moment. */
  @Override
  public boolean isSent() {
    return gate.isPassed() || (hops && ended == null);
  }

  @Override
  public PhaseTimes times() {
    if (ended != null) {
      return ended;
    }
    long now = transport.time().nanoTime();
    if (!gate.isPassed()) {
      return PhaseTimes.NONE.plus(Phase.QUEUE, now - startedNanos);
    }
    long sent = gate.passedNanos();
    return PhaseTimes.NONE.plus(Phase.QUEUE, sent - startedNanos).plus(Phase.WAIT, now - sent);
  }

  /** Decides the outcome, once. */
  private void settle(@Nullable Message reply, @Nullable RpcException failure) {
    if (ended != null) {
      return;
    }
    PhaseTimes times = times();
    ended = times;
    if (guard != null) {
      guard.cancel();
      guard = null;
    }
    transport.ended(this);
    if (reply != null) {
      promise.complete(reply);
    } else if (failure != null) {
      promise.fail(failure.toBuilder().times(times).build());
    }
  }

  // the event loop's half, in order

  private void connect(GrpcAddress address, String path) {
    if (gate.isShut()) {
      return;
    }
    transport.observer().queued(GrpcTransport.PROTOCOL);
    SocketAddress server = SocketAddress.inetSocketAddress(address.port(), address.host());
    Future<GrpcClientRequest<Buffer, Buffer>> opened;
    try {
      opened = loop.client(address).request(server);
    } catch (RuntimeException clientClosed) {
      opened = Future.failedFuture(clientClosed);
    }
    opened.onComplete(
        granted -> {
          transport.observer().dequeued(GrpcTransport.PROTOCOL);
          send(granted, path);
        },
        failure -> {
          transport.observer().dequeued(GrpcTransport.PROTOCOL);
          report(null, Failures.notConnected(node.address(), failure));
        });
  }

  private void send(GrpcClientRequest<Buffer, Buffer> granted, String path) {
    granted.fullMethodName(path.substring(1));
    if (!gate.pass(transport.time().nanoTime())) {
      // Vert.x would never take the stream's place back if nothing were sent on it. No message
      // writes the headers alone.
      granted.writeMessage(null);
      granted.cancel();
      return;
    }
    http = granted;
    transport.observer().streamOpened(GrpcTransport.PROTOCOL);
    String subtype = ContentSubtype.of(request.contentType());
    WireFormat format = ContentSubtype.JSON.equals(subtype) ? WireFormat.JSON : WireFormat.PROTOBUF;
    GrpcHeaders.addTo(
        granted.headers(),
        ContentSubtype.PROTO,
        request.contentType().isEmpty() ? ContentSubtype.PROTO : request.contentType(),
        transport.options().getUserAgent(),
        deadline.isNone() ? Long.MAX_VALUE : Math.max(1, deadline.remainingNanos()),
        options.previousAttempts(),
        request.headers());
    granted.exceptionHandler(this::lost);
    granted.response().onComplete(this::head, this::headFailed);
    granted.format(format);
    granted
        .endMessage(GrpcMessage.message("identity", format, request.body()))
        .onFailure(this::lost);
  }

  /** All handlers are set now: what has arrived is delivered right after. */
  private void head(GrpcClientResponse<Buffer, Buffer> response) {
    response.exceptionHandler(this::lost);
    response.errorHandler(this::reset);
    response.messageHandler(this::received);
    response.endHandler(end -> answered(response));
  }

  private void received(GrpcMessage received) {
    if (message != null) {
      refuse(GrpcStatus.INTERNAL, "more than one message in the reply to a unary call");
      return;
    }
    message = received;
    if (received.payload().length() > options.maxReplyBytes()) {
      refuse(
          GrpcStatus.RESOURCE_EXHAUSTED,
          "received message larger than max (%d vs. %d)"
              .formatted(received.payload().length(), options.maxReplyBytes()));
    }
  }

  private void refuse(GrpcStatus status, String detail) {
    GrpcClientRequest<Buffer, Buffer> sent = http;
    report(null, Failures.answered(status, detail).build());
    if (sent != null) {
      sent.cancel();
    }
  }

  private void answered(GrpcClientResponse<Buffer, Buffer> response) {
    RpcException failure = ReplyStatus.failure(response.headers(), response.trailers());
    if (failure != null) {
      report(null, failure);
      return;
    }
    Message reply;
    try {
      String contentType = response.headers().get(GrpcHeaders.CONTENT_TYPE);
      reply =
          Message.reply()
              .contentType(
                  ContentSubtype.ofReply(
                      contentType == null ? "" : contentType, request.contentType()))
              .headers(GrpcHeaders.read(response.headers()))
              .trailers(GrpcHeaders.read(response.trailers()))
              .body(body())
              .build();
    } catch (RpcException broken) {
      report(null, broken);
      return;
    }
    report(reply, null);
  }

  private Buffer body() {
    ReplyBody body = new ReplyBody(options.maxReplyBytes());
    GrpcMessage received = message;
    if (received == null) {
      return body.message(null);
    }
    Buffer payload = received.payload();
    if (received.encoding().equals("identity")) {
      return payload;
    }
    body.add(
        Buffer.buffer(MessageFrame.PREFIX + payload.length())
            .appendByte((byte) 1)
            .appendInt(payload.length())
            .appendBuffer(payload));
    return body.message(received.encoding());
  }

  private void headFailed(Throwable failure) {
    if (failure instanceof GrpcErrorException reset) {
      reset(reset.error());
    } else if (failure instanceof NumberFormatException) {
      foreign("grpc-status is no number");
    } else if (String.valueOf(failure.getMessage()).contains("content-type")) {
      foreign(failure.getMessage());
    } else {
      lost(failure);
    }
  }

  private void foreign(@Nullable String why) {
    report(
        null,
        RpcException.client(GrpcStatus.UNKNOWN, NOT_GRPC + why)
            .processed(Processed.UNKNOWN)
            .build());
  }

  private void reset(GrpcError error) {
    Processed processed = error == GrpcError.UNAVAILABLE ? Processed.REFUSED : Processed.UNKNOWN;
    StreamResetException cause = new StreamResetException(error.http2ResetCode);
    report(null, Failures.lost(node.address(), processed, cause));
  }

  private void lost(Throwable failure) {
    if (failure instanceof MessageSizeOverflowException tooLarge) {
      int most = Math.min(transport.maxMessageBytes(), options.maxReplyBytes());
      refuse(
          GrpcStatus.RESOURCE_EXHAUSTED,
          "received message larger than max (" + tooLarge.messageSize() + " vs. " + most + ")");
    } else {
      report(null, Failures.lost(node.address(), Processed.UNKNOWN, failure));
    }
  }

  private void cancelThere() {
    GrpcClientRequest<Buffer, Buffer> sent = http;
    if (sent != null && !over) {
      end();
      sent.cancel();
    }
  }

  private void report(@Nullable Message reply, @Nullable RpcException failure) {
    if (!over) {
      end();
      EventLoops.execute(caller, () -> settle(reply, failure));
    }
  }

  private void end() {
    over = true;
    if (http != null) {
      transport.observer().streamClosed(GrpcTransport.PROTOCOL);
    }
  }
}
