// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call that is over with its one reply.
 *
 * <p>Made by {@link RuntimeRpcClient}; all the rest is {@link AttemptLoop}'s.
 */
final class UnaryCall<R> extends AttemptLoop<R> implements RpcCall<R> {

  private final Request<?, R> request;

  // Written before the result completes, read after it: from any thread.
  private @Nullable Reply<R> reply;

  UnaryCall(
      ClientCore core,
      CallPlan plan,
      Request<?, R> request,
      Metadata metadata,
      Deadline deadline,
      Caller caller) {
    super(core, plan, request, metadata, deadline, caller);
    this.request = request;
  }

  @Override
  public Future<R> reply() {
    return result();
  }

  @Override
  public Future<Reply<R>> response() {
    return result().map(body -> Objects.requireNonNull(reply, "reply"));
  }

  @Override
  Message encode() {
    return CallBody.encode(core(), plan(), request, metadata());
  }

  @Override
  Exchange send(Attempt attempt, Transport by, Message message, SendOptions options) {
    return by.send(attempt.node(), message, attempt.deadline(), options);
  }

  @Override
  Reply<R> read(Message answer, Node node) {
    return CallBody.decode(core().codecs(), message().contentType(), request, answer, node);
  }

  @Override
  void committed(Attempt attempt, Reply<?> answer) {
    @SuppressWarnings("unchecked") // decoded as R, or made by a wrapper that answers for its type
    Reply<R> typed = (Reply<R>) answer;
    reply = typed;
    complete(typed.body());
  }
}
