// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.framing.MessageFlow;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.framing.MessageReader;
import dev.vertxmicro.runtime.framing.WriteQueue;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.InvalidMessageException;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.common.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One stream of {@link VertxGrpcTransport}, for a caller on the event loop of the connection. What
 * Vert.x hands over as messages is framed again, so that demand, bounds and inflating are the main
 * engine's.
 */
final class VertxGrpcStream implements StreamExchange, VertxGrpcTransport.Running {

  private final VertxGrpcTransport transport;
  private final VertxGrpcLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final Node node;
  private final SendOptions options;
  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> head = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();
  private final WriteQueue queue = new WriteQueue();
  private final long startedNanos;

  private @Nullable GrpcClientRequest<Buffer, Buffer> http;
  private @Nullable MessageFlow flow;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Promise<Void> endWritten;
  private @Nullable Timer dialTimer;
  private @Nullable RpcException error;
  private Metadata lastWords = Metadata.empty();
  private long demand;
  private long sentNanos;
  private long endedNanos;
  private boolean waiting;
  private boolean streaming;
  private boolean replied;
  private boolean over;

  VertxGrpcStream(
      VertxGrpcTransport transport,
      VertxGrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Node node,
      SendOptions options) {
    this.transport = transport;
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.node = node;
    this.options = options;
    this.startedNanos = transport.time().nanoTime();
  }

  /** Connects and opens. Runs as the caller. */
  void start(Message request, Deadline deadline) {
    RpcException refusal = transport.refusal(request, deadline, options);
    if (refusal != null) {
      fail(refusal);
      return;
    }
    NodeAddress address;
    String path;
    try {
      path = GrpcPath.of(request.target(), request.endpoint());
      address = NodeAddress.parse(NodeAddress.keyOf(node));
    } catch (IllegalArgumentException bad) {
      fail(Refusals.unsendable(String.valueOf(bad.getMessage())));
      return;
    }
    waiting = true;
    transport.observer().queued(GrpcTransport.PROTOCOL);
    dialTimer =
        transport
            .time()
            .timer(
                Nanos.of(options.dialTimeout()),
                () -> EventLoops.execute(caller, this::dialTimedOut));
    SocketAddress server = SocketAddress.inetSocketAddress(address.port(), address.host());
    connect(server, address)
        .onComplete(
            granted -> {
              stopWaiting();
              open(granted, path, request, deadline);
            },
            failure -> {
              stopWaiting();
              fail(Refusals.notConnected(node.address(), failure));
            });
  }

  private Future<GrpcClientRequest<Buffer, Buffer>> connect(
      SocketAddress server, NodeAddress address) {
    try {
      return loop.client(address).request(server);
    } catch (RuntimeException clientClosed) {
      return Future.failedFuture(clientClosed);
    }
  }

  private void dialTimedOut() {
    dialTimer = null;
    fail(
        RpcException.client(
                GrpcStatus.UNAVAILABLE,
                "no connection to " + node.address() + " in " + options.dialTimeout())
            .build());
  }

  private void stopWaiting() {
    if (waiting) {
      waiting = false;
      transport.observer().dequeued(GrpcTransport.PROTOCOL);
    }
    if (dialTimer != null) {
      dialTimer.cancel();
      dialTimer = null;
    }
  }

  private void open(
      GrpcClientRequest<Buffer, Buffer> granted, String path, Message request, Deadline deadline) {
    granted.fullMethodName(path.substring(1));
    long now = transport.time().nanoTime();
    if (over || (gate != null && !gate.pass(now))) {
      // Vert.x would never take the stream's place back if nothing were sent on it.
      granted.writeMessage(null);
      granted.cancel();
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    if (!VertxGrpcExchange.isHttp2(granted.connection())) {
      fail(Refusals.notConnected(node.address(), new IOException("no HTTP/2 by ALPN")));
      granted.cancel();
      return;
    }
    http = granted;
    sentNanos = now;
    streaming = true;
    transport.observer().streamOpened(GrpcTransport.PROTOCOL);
    String subtype = String.valueOf(ContentSubtype.of(request.contentType()));
    WireFormat format = subtype.equals(ContentSubtype.JSON) ? WireFormat.JSON : WireFormat.PROTOBUF;
    GrpcHeaders.addTo(
        granted.headers(),
        subtype,
        request.contentType(),
        transport.options().getUserAgent(),
        deadline.isNone() ? Long.MAX_VALUE : Math.max(1, deadline.remainingNanos()),
        options.previousAttempts(),
        request.headers());
    granted.exceptionHandler(this::lost);
    granted
        .response()
        .onComplete(
            response -> answered(response, request),
            failure -> fail(VertxGrpcFailures.ofHead(node.address(), failure)));
    granted.format(format);
    // No message writes the headers alone.
    granted.writeMessage(null).onSuccess(written -> opened.tryComplete());
    queue.flow(
        body -> granted.writeMessage(GrpcMessage.message("identity", format, body)),
        failure -> error != null ? error : Failures.notWritten(node.address(), failure));
    if (endWritten != null) {
      granted.end().onComplete(endWritten);
    }
  }

  /** All handlers are set now: what has arrived is delivered right after. */
  private void answered(GrpcClientResponse<Buffer, Buffer> response, Message request) {
    response.exceptionHandler(this::lost);
    if (over) {
      return;
    }
    response.pause();
    // What Vert.x inflates it not at all, we do; the encoding is that of each message.
    String encoding = response.headers().get(GrpcHeaders.ENCODING);
    MessageFlow messages =
        new MessageFlow(
            response,
            new MessageReader(options.maxReplyBytes(), encoding),
            this::handOver,
            misfit -> refuse(Failures.answered(misfit).build()),
            this::settle);
    flow = messages;
    response.errorHandler(reset -> fail(VertxGrpcFailures.reset(node.address(), reset, true)));
    response.invalidMessageHandler(this::tooLarge);
    response.messageHandler(message -> messages.chunk(frame(message)));
    response.endHandler(end -> ended(response));
    String contentType = response.headers().get(GrpcHeaders.CONTENT_TYPE);
    if (!response.headers().contains(GrpcHeaders.STATUS)) {
      head.complete(
          Message.reply()
              .contentType(
                  ContentSubtype.ofReply(
                      contentType == null ? "" : contentType, request.contentType()))
              .headers(GrpcHeaders.read(response.headers()))
              .build());
    }
    messages.fetch(demand);
  }

  private static Buffer frame(GrpcMessage message) {
    Buffer payload = message.payload();
    boolean compressed = !message.encoding().equals("identity");
    return Buffer.buffer(MessageFrame.PREFIX + payload.length())
        .appendByte((byte) (compressed ? 1 : 0))
        .appendInt(payload.length())
        .appendBuffer(payload);
  }

  private void handOver(Buffer message) {
    if (handler != null) {
      handler.handle(message);
    }
  }

  private void ended(GrpcClientResponse<Buffer, Buffer> response) {
    replied = true;
    if (over || flow == null) {
      return;
    }
    error = ReplyStatus.failure(response.headers(), response.trailers());
    lastWords = GrpcHeaders.read(response.trailers());
    if (error == null && !head.future().isComplete()) {
      head.complete(Message.reply().headers(GrpcHeaders.read(response.headers())).build());
    }
    leaveWire();
    flow.end();
  }

  private void settle() {
    RpcException failure = error;
    if (failure != null) {
      fail(failure);
      return;
    }
    finish();
    queue.fail(ended());
    if (endWritten != null) {
      endWritten.tryComplete();
    }
    trailers.complete(lastWords);
  }

  private static RpcException ended() {
    return RpcException.cancelled("the stream has ended").build();
  }

  private void tooLarge(InvalidMessageException invalid) {
    long length = invalid instanceof MessageSizeOverflowException large ? large.messageSize() : -1;
    int most = Math.min(transport.maxMessageBytes(), options.maxReplyBytes());
    String detail = "received message larger than max (" + length + " vs. " + most + ")";
    refuse(Failures.answered(GrpcStatus.RESOURCE_EXHAUSTED, detail).build());
  }

  private void refuse(RpcException failure) {
    GrpcClientRequest<Buffer, Buffer> sent = http;
    fail(failure);
    if (sent != null && !replied) {
      sent.cancel();
    }
  }

  private void lost(Throwable failure) {
    fail(Failures.lost(node.address(), Processed.UNKNOWN, failure));
  }

  private void fail(RpcException failure) {
    if (over) {
      return;
    }
    finish();
    RpcException told = failure.toBuilder().times(times()).build();
    error = told;
    queue.fail(told);
    if (endWritten != null) {
      endWritten.tryFail(told);
    }
    opened.tryFail(told);
    head.tryFail(told);
    trailers.fail(told);
  }

  private void finish() {
    over = true;
    endedNanos = transport.time().nanoTime();
    stopWaiting();
    if (flow != null) {
      flow.stop();
    }
    leaveWire();
    transport.ended(this);
  }

  private void leaveWire() {
    if (streaming) {
      streaming = false;
      transport.observer().streamClosed(GrpcTransport.PROTOCOL);
      GrpcClientRequest<Buffer, Buffer> sent = http;
      if (replied && endWritten == null && sent != null) {
        sent.end();
      }
    }
  }

  @Override
  public void cancel() {
    giveUp(Refusals.cancelled(http == null ? Processed.NOT_SENT : Processed.UNKNOWN));
  }

  private void giveUp(RpcException why) {
    if (!over) {
      refuse(why);
    }
  }

  @Override
  public void failIfWaiting() {
    EventLoops.execute(
        caller,
        () -> {
          if (http == null) {
            giveUp(Refusals.closed());
          }
        });
  }

  @Override
  public void abort() {
    EventLoops.execute(
        caller,
        () ->
            giveUp(
                RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
                    .processed(http == null ? Processed.NOT_SENT : Processed.UNKNOWN)
                    .build()));
  }

  @Override
  public boolean isSent() {
    return http != null;
  }

  @Override
  public PhaseTimes times() {
    long now = over ? endedNanos : transport.time().nanoTime();
    if (http == null) {
      return PhaseTimes.NONE.plus(Phase.QUEUE, now - startedNanos);
    }
    return PhaseTimes.NONE
        .plus(Phase.QUEUE, sentNanos - startedNanos)
        .plus(Phase.WAIT, now - sentNanos);
  }

  @Override
  public Future<Void> opened() {
    return opened.future();
  }

  @Override
  public Future<Message> reply() {
    return head.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailers.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (endWritten != null) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (over || replied) {
      return Future.failedFuture(error == null ? ended() : error);
    }
    if (message.length() > options.maxRequestBytes()) {
      transport.observer().limitReached("requestBytes");
      return Future.failedFuture(
          Refusals.requestTooLarge(message.length(), options.maxRequestBytes()));
    }
    return queue.write(message);
  }

  @Override
  public Future<Void> end() {
    Promise<Void> told = endWritten;
    if (told == null) {
      told = Promise.promise();
      endWritten = told;
      GrpcClientRequest<Buffer, Buffer> sent = http;
      if (over || replied) {
        told.complete();
      } else if (sent != null) {
        sent.end().onComplete(told);
      }
    }
    return told.future();
  }

  @Override
  public boolean isWriteQueueFull() {
    return queue.isFull();
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {
    queue.setMostBytes(bytes);
  }

  @Override
  public void drainHandler(@Nullable Runnable drained) {
    queue.drainHandler(drained);
  }

  @Override
  public void handler(Handler<Buffer> handler) {
    this.handler = handler;
  }

  @Override
  public void fetch(long amount) {
    if (flow != null) {
      flow.fetch(amount);
    } else {
      demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    }
  }

  @Override
  public void pause() {
    demand = 0;
    if (flow != null) {
      flow.pause();
    }
  }
}
