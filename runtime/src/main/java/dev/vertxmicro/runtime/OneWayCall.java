// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;

/**
 * A call that is over when its request has been handed to the transport's wire; of a reply nothing
 * is read. Its result is what was sent.
 *
 * <p>Made by {@link RuntimeRpcClient}; all the rest is {@link AttemptLoop}'s.
 */
final class OneWayCall extends AttemptLoop<Message> {

  private final Request<?, ?> request;

  OneWayCall(
      ClientCore core,
      CallPlan plan,
      Request<?, ?> request,
      Metadata metadata,
      Deadline deadline,
      Caller caller) {
    super(core, plan, request, metadata, deadline, caller);
    this.request = request;
  }

  @Override
  Message encode() {
    return CallBody.encode(core(), plan(), request, metadata());
  }

  @Override
  Exchange send(Attempt attempt, Transport by, Message message, SendOptions options) {
    return by.sendOneWay(attempt.node(), message, attempt.deadline(), options);
  }

  @Override
  Reply<?> read(Message answer, Node node) {
    return Reply.of(answer, answer.headers(), answer.trailers(), node);
  }

  @Override
  void committed(Attempt attempt, Reply<?> answer) {
    complete(message());
  }
}
