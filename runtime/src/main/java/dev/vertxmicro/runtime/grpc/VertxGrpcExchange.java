// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.InvalidMessageException;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.common.WireFormat;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One unary call of {@link VertxGrpcTransport}. The caller's half lives on the caller's context and
 * decides the outcome; the other half lives on the event loop of the connection and reports to it.
 * Where both are one thread, which is usual, nothing waits for the other.
 */
final class VertxGrpcExchange implements Exchange, VertxGrpcTransport.Running {

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
  private boolean waiting;
  private boolean answering;
  private boolean several;
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
    NodeAddress address;
    String path;
    try {
      path = GrpcPath.of(request.target(), request.endpoint());
      address = NodeAddress.parse(NodeAddress.keyOf(node));
    } catch (IllegalArgumentException bad) {
      settle(null, Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    EventLoops.execute(caller, this::armDialTimeout);
    EventLoops.execute(loop.context(), () -> connect(address, path));
  }

  private @Nullable RpcException refusal() {
    return transport.refusal(request, deadline, options);
  }

  private void armDialTimeout() {
    if (ended == null) {
      guard = arm(Nanos.of(options.dialTimeout()), this::onDialTimeout);
    }
  }

  private void onDialTimeout() {
    guard = null;
    if (ended != null) {
      return;
    }
    if (gate.shut()) {
      EventLoops.execute(loop.context(), this::cancelThere);
      settle(
          null,
          RpcException.client(
                  GrpcStatus.UNAVAILABLE,
                  "no connection to " + node.address() + " in " + options.dialTimeout())
              .build());
    } else if (deadline.isNone()) {
      long silence = TimeUnit.MINUTES.toNanos(VertxGrpcTransport.MOST_SILENCE_MINUTES);
      String why = "no answer in " + VertxGrpcTransport.MOST_SILENCE_MINUTES + " min";
      guard = arm(silence, () -> giveUp(why));
    }
  }

  private Timer arm(long nanos, Runnable task) {
    return transport.time().timer(nanos, () -> EventLoops.execute(caller, task));
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    if (ended == null) {
      Processed processed = gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN;
      EventLoops.execute(loop.context(), this::cancelThere);
      settle(null, Refusals.cancelled(processed));
    }
  }

  @Override
  public void failIfWaiting() {
    EventLoops.execute(
        caller,
        () -> {
          if (ended == null && gate.shut()) {
            EventLoops.execute(loop.context(), this::cancelThere);
            settle(null, Refusals.closed());
          }
        });
  }

  @Override
  public void abort() {
    EventLoops.execute(caller, () -> giveUp("the transport was closed"));
  }

  private void giveUp(String why) {
    guard = null;
    if (ended == null) {
      Processed processed = gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN;
      EventLoops.execute(loop.context(), this::cancelThere);
      settle(null, RpcException.client(GrpcStatus.UNAVAILABLE, why).processed(processed).build());
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

  private void connect(NodeAddress address, String path) {
    if (gate.isShut()) {
      return;
    }
    waiting = true;
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
          stopWaiting();
          send(granted, path);
        },
        failure -> {
          stopWaiting();
          report(null, Refusals.notConnected(node.address(), failure));
        });
  }

  private void stopWaiting() {
    if (waiting) {
      waiting = false;
      transport.observer().dequeued(GrpcTransport.PROTOCOL);
    }
  }

  private void send(GrpcClientRequest<Buffer, Buffer> granted, String path) {
    granted.fullMethodName(path.substring(1));
    if (!isHttp2(granted.connection())) {
      report(null, Refusals.notConnected(node.address(), new IOException("no HTTP/2 by ALPN")));
      granted.cancel();
      return;
    }
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
    String encoding = options.requestEncoding() == null ? "identity" : options.requestEncoding();
    granted
        .encoding(encoding)
        .endMessage(GrpcMessage.message(encoding, format, request.body()))
        .onFailure(this::lost);
  }

  /** Vert.x falls back to HTTP/1.1 when a TLS server does not choose; that has no settings. */
  static boolean isHttp2(HttpConnection connection) {
    try {
      connection.remoteSettings();
      return true;
    } catch (UnsupportedOperationException http1) {
      return false;
    }
  }

  /** All handlers are set now: what has arrived is delivered right after. */
  private void head(GrpcClientResponse<Buffer, Buffer> response) {
    response.exceptionHandler(this::lost);
    answering = true;
    response.errorHandler(this::reset);
    response.invalidMessageHandler(this::tooLarge);
    response.messageHandler(this::received);
    response.endHandler(end -> answered(response));
  }

  private void received(GrpcMessage received) {
    if (message != null) {
      several = true;
      return;
    }
    message = received;
    int length = received.payload().length();
    if (length > options.maxReplyBytes()) {
      tooLarge(new MessageSizeOverflowException(length));
    }
  }

  private void tooLarge(InvalidMessageException invalid) {
    long length = invalid instanceof MessageSizeOverflowException large ? large.messageSize() : -1;
    int most = Math.min(transport.maxMessageBytes(), options.maxReplyBytes());
    refuse(
        GrpcStatus.RESOURCE_EXHAUSTED,
        "received message larger than max (" + length + " vs. " + most + ")");
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
    if (several) {
      throw Failures.answered(
              GrpcStatus.INTERNAL, "more than one message in the reply to a unary call")
          .build();
    }
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
    report(null, VertxGrpcFailures.ofHead(node.address(), failure));
  }

  private void reset(@Nullable GrpcError error) {
    report(null, VertxGrpcFailures.reset(node.address(), error, answering));
  }

  private void lost(Throwable failure) {
    report(null, Failures.lost(node.address(), Processed.UNKNOWN, failure));
  }

  private void cancelThere() {
    stopWaiting();
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
