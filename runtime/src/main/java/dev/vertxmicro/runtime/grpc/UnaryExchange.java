// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
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
    hopped.reply().onComplete(this::repliedElsewhere);
    return hopped;
  }

  private void repliedElsewhere(AsyncResult<Message> reply) {
    endedElsewhere();
    promise.handle(reply);
  }

  @Override
  void write(WireStream stream) {
    stream.writeWhole(request.body());
  }

  @Override
  void read(WireStream stream, ReplyHead head) {
    if (head.isGrpc()) {
      body = new ReplyBody(options.maxReplyBytes());
    }
  }

  @Override
  void chunk(Buffer chunk) {
    if (isDone()) {
      return;
    }
    if (body == null) {
      foreignChunk(chunk);
      return;
    }
    try {
      body.add(chunk);
    } catch (RpcException refused) {
      fail(refused);
    }
  }

  /** Reads past the body of an answer that is not gRPC, up to a bound: its head says it all. */
  private void foreignChunk(Buffer chunk) {
    ReplyHead head = head();
    foreignBytes += chunk.length();
    if (foreignBytes > FOREIGN_BODY_BYTES && head != null) {
      fail(ReplyStatus.foreign(head, ", more than " + FOREIGN_BODY_BYTES + " bytes").build());
    }
  }

  @Override
  void ended(ReplyHeaders trailers) {
    ReplyHead head = head();
    replied = true;
    if (isDone() || head == null) {
      return;
    }
    Message reply;
    try {
      RpcException failure = ReplyStatus.failure(head, trailers);
      if (failure != null) {
        fail(failure);
        return;
      }
      reply = message(head, trailers);
    } catch (RuntimeException broken) {
      fail(RpcException.from(broken));
      return;
    }
    finish();
    promise.complete(reply);
  }

  private Message message(ReplyHead head, ReplyHeaders trailers) {
    ReplyBody whole = body == null ? new ReplyBody(0) : body;
    String contentType = head.contentType();
    return Message.reply()
        .contentType(
            ContentSubtype.ofReply(contentType == null ? "" : contentType, request.contentType()))
        .headers(head.headers().metadata())
        .trailers(trailers.metadata())
        .body(whole.message(head.encoding()))
        .build();
  }
}
