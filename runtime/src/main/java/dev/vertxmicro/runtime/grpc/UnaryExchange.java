// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.pooling.HoppedExchange;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/** One unary call: a request of one message and the end, a reply of one message and a status. */
final class UnaryExchange extends PooledExchange {

  private static final int FOREIGN_BODY_BYTES = 64 * 1024;

  private final Promise<Message> promise = Promise.promise();

  private @Nullable ReplyBody body;
  private int foreignBytes;
  private boolean replied;

  UnaryExchange(
      GrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      Deadline deadline,
      SendOptions options) {
    super(loop, caller, gate, request, deadline, options);
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  boolean isComplete() {
    return isWritten() && replied;
  }

  @Override
  void tellFailure(RpcException failure) {
    promise.fail(failure);
  }

  @Override
  Exchange moveTo(ConnectionPool owner, Context caller) {
    HoppedExchange hopped = owner.loop().hop(caller, owner.node(), request, deadline, options);
    hopped.start();
    hopped.reply().onComplete(this::repliedElsewhere);
    return hopped;
  }

  private void repliedElsewhere(AsyncResult<Message> reply) {
    endedElsewhere();
    promise.handle(reply);
  }

  @Override
  void write(HttpClientRequest stream, boolean headFits) {
    if (headFits) {
      end(stream).onComplete(this::written);
    } else {
      stream.sendHead().onComplete(sent -> headSent(stream, sent));
    }
  }

  private void headSent(HttpClientRequest stream, AsyncResult<Void> result) {
    if (result.failed()) {
      written(result);
    } else if (state() == State.SENT && !isStreamOver()) {
      end(stream).onComplete(this::written);
    }
  }

  private Future<Void> end(HttpClientRequest stream) {
    return MessageFrame.end(request.body(), options.requestEncoding() != null, stream);
  }

  @Override
  void read(HttpClientResponse received) {
    if (ContentSubtype.isGrpc(received.headers().get(GrpcHeaders.CONTENT_TYPE))) {
      body = new ReplyBody(options.maxReplyBytes());
      received.handler(this::chunk);
    } else {
      received.handler(chunk -> foreignChunk(received, chunk));
    }
    received.endHandler(end -> ended(received));
  }

  private void chunk(Buffer chunk) {
    if (isDone() || body == null) {
      return;
    }
    try {
      body.add(chunk);
    } catch (RpcException refused) {
      fail(refused);
    }
  }

  /** Reads past the body of an answer that is not gRPC, up to a bound: its head says it all. */
  private void foreignChunk(HttpClientResponse received, Buffer chunk) {
    foreignBytes += chunk.length();
    if (foreignBytes > FOREIGN_BODY_BYTES && !isDone()) {
      fail(ReplyStatus.foreign(received, ", more than " + FOREIGN_BODY_BYTES + " bytes").build());
    }
  }

  private void ended(HttpClientResponse received) {
    replied = true;
    if (isDone()) {
      return;
    }
    Message reply;
    try {
      RpcException failure = ReplyStatus.failure(received);
      if (failure != null) {
        fail(failure);
        return;
      }
      reply = message(received);
    } catch (RuntimeException broken) {
      fail(RpcException.from(broken));
      return;
    }
    finish();
    promise.complete(reply);
  }

  private Message message(HttpClientResponse received) {
    ReplyBody whole = body == null ? new ReplyBody(0) : body;
    String contentType = received.headers().get(GrpcHeaders.CONTENT_TYPE);
    return Message.reply()
        .contentType(
            ContentSubtype.ofReply(contentType == null ? "" : contentType, request.contentType()))
        .headers(GrpcHeaders.read(received.headers()))
        .trailers(GrpcHeaders.read(received.trailers()))
        .body(whole.message(received.headers().get(GrpcHeaders.ENCODING)))
        .build();
  }
}
