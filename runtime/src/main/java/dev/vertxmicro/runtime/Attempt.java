// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call on one node: takes a node, runs the call wrappers, sends, and reports to its
 * {@link AttemptLoop} exactly once.
 *
 * <p>Called by {@code AttemptLoop}; calls the selector's {@link Next} and {@link Transport}.
 * Touched on the context of the call only.
 */
final class Attempt {

  private final AttemptLoop<?> loop;
  private final int number;
  private final Deadline deadline;
  private final long startNanos;

  private AttemptState state = AttemptState.NEW;
  private @Nullable Pick pick;
  private @Nullable Transport transport;
  private @Nullable Exchange exchange;
  private @Nullable Timer timer;
  private long pickedNanos;

  /** Attempts of the same call are numbered from 0. */
  Attempt(AttemptLoop<?> loop, int number, Deadline deadline) {
    this.loop = loop;
    this.number = number;
    this.deadline = deadline;
    this.startNanos = loop.core().time().nanoTime();
  }

  AttemptLoop<?> loop() {
    return loop;
  }

  int number() {
    return number;
  }

  Deadline deadline() {
    return deadline;
  }

  AttemptState state() {
    return state;
  }

  /** Returns the node; there is one from PICKED on. */
  Node node() {
    return Objects.requireNonNull(pick, "no node picked").node();
  }

  @Nullable Node nodeOrNull() {
    return pick == null ? null : pick.node();
  }

  /** Tells whether any of the request may have left. */
  boolean isSent() {
    return exchange != null && exchange.isSent();
  }

  /** Takes a node and sends. {@code ownTimeout}: the deadline comes before the call's. */
  void start(Next next, boolean ownTimeout) {
    if (ownTimeout) {
      timer = loop.core().time().timer(deadline.remainingNanos(), this::expired);
    }
    try {
      pickFrom(next);
    } catch (RpcException none) {
      end(AttemptState.FAILED, Outcome.failed(none));
      loop.foundNoNode(this, none);
      return;
    }
    pickedNanos = loop.core().time().nanoTime();
    state = state.to(AttemptState.PICKED);
    loop.core().observer().attemptStarted(loop, number, node());
    CallFunction wrapped = loop.plan().wrapped();
    if (wrapped == null) {
      callDirectly();
    } else {
      callThrough(wrapped);
    }
  }

  /** Ends the attempt because nobody waits for it any more; does nothing once it has ended. */
  void cancel() {
    if (!state.isTerminal()) {
      end(AttemptState.CANCELLED, Outcome.CANCELLED);
      giveUpExchange();
    }
  }

  /** Ends the attempt at a deadline: its node did not answer in time. */
  void expire() {
    if (!state.isTerminal()) {
      RpcException late = tooLate();
      end(AttemptState.FAILED, Outcome.failed(late));
      giveUpExchange();
    }
  }

  /** Returns what became of this attempt, for the call's error. */
  AttemptFailure describe(RpcException failure) {
    Node node = nodeOrNull();
    return new AttemptFailure(
        number, node == null ? null : node.id(), failure.error(), failure.processed(), times());
  }

  /** Returns the failure of an attempt whose time is up. */
  RpcException tooLate() {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "no reply in time")
        .processed(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT)
        .times(times())
        .build();
  }

  /** Returns where this attempt's time has gone so far. */
  PhaseTimes times() {
    long picked = pickedNanos == 0 ? loop.core().time().nanoTime() : pickedNanos;
    PhaseTimes selecting = PhaseTimes.NONE.plus(Phase.SELECT, picked - startNanos);
    return exchange == null ? selecting : selecting.plus(exchange.times());
  }

  /** Takes the first node whose protocol some transport speaks. */
  private void pickFrom(Next next) {
    StringBuilder skipped = null;
    for (int left = Math.max(1, next.size()); left > 0; left--) {
      Pick candidate = next.next();
      Transport speaks = loop.core().transports().find(candidate.node(), loop.plan().protocol());
      if (speaks != null) {
        pick = candidate;
        transport = speaks;
        loop.core().observer().picked(loop, candidate.node());
        return;
      }
      candidate.done(Outcome.CANCELLED);
      skipped = skipped == null ? new StringBuilder() : skipped.append(", ");
      Node node = candidate.node();
      skipped.append(node.id()).append(" speaks ").append(node.protocol());
    }
    throw RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "no transport for any node of "
                + loop.service()
                + ": "
                + skipped
                + " (known: "
                + loop.core().transports()
                + ")")
        .build();
  }

  private void callDirectly() {
    Future<Message> reply;
    try {
      reply = send(loop.message()).reply();
    } catch (RuntimeException broken) {
      failed(broken);
      return;
    }
    reply.onComplete(this::replied, this::failed);
  }

  private void callThrough(CallFunction wrapped) {
    Future<Reply<?>> reply;
    try {
      reply = wrapped.call(new CallContext(this, loop.message().headers()));
      Objects.requireNonNull(reply, "a call wrapper returned null (expected: a future)");
    } catch (RuntimeException broken) {
      failed(broken);
      return;
    }
    loop.onContext(reply, this::succeed, this::failed);
  }

  /** The innermost call function: sends with the headers that the wrappers left. */
  Future<Reply<?>> sendWith(CallContext context) {
    if (state.isTerminal()) {
      return Future.failedFuture(
          RpcException.client(GrpcStatus.CANCELLED, "the attempt has ended").build());
    }
    Message message = loop.message();
    if (!context.metadata().equals(message.headers())) {
      message = message.withHeaders(context.metadata());
    }
    return send(message).reply().map(this::decoded);
  }

  private Exchange send(Message message) {
    if (state == AttemptState.PICKED) {
      state = state.to(AttemptState.SENT);
    }
    Transport speaks = Objects.requireNonNull(transport, "transport");
    Exchange sent =
        speaks.send(node(), message, deadline, loop.plan().sendOptions(loop.sentBefore(this)));
    exchange = sent;
    return sent;
  }

  private Reply<?> decoded(Message message) {
    return loop.decode(message, node());
  }

  private void replied(Message message) {
    if (state.isTerminal()) {
      return;
    }
    Reply<?> reply;
    try {
      reply = decoded(message);
    } catch (RpcException unreadable) {
      fail(unreadable);
      return;
    }
    succeed(reply);
  }

  private void succeed(Reply<?> reply) {
    if (state.isTerminal()) {
      return;
    }
    end(AttemptState.SUCCEEDED, Outcome.SUCCESS);
    loop.succeeded(this, reply);
  }

  private void failed(Throwable failure) {
    if (failure instanceof CodecException unreadable) {
      fail(AttemptLoop.unreadable(unreadable));
    } else {
      fail(RpcException.from(failure));
    }
  }

  private void expired() {
    timer = null;
    RpcException late = tooLate();
    fail(late);
    giveUpExchange();
  }

  private void fail(RpcException failure) {
    if (state.isTerminal()) {
      return;
    }
    end(AttemptState.FAILED, Outcome.failed(failure));
    loop.failed(this, failure);
  }

  /** Reaches a terminal state and releases what the attempt holds, exactly once. */
  private void end(AttemptState terminal, Outcome outcome) {
    AttemptState before = state;
    state = state.to(terminal);
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (pick != null) {
      pick.done(outcome);
      loop.core().observer().released(loop, pick.node());
    }
    if (before != AttemptState.NEW) {
      loop.core().observer().attemptEnded(loop, number, node(), outcome.failure());
    }
  }

  private void giveUpExchange() {
    if (exchange != null) {
      exchange.cancel();
    }
  }

  @Override
  public String toString() {
    return "Attempt[#" + number + ", " + state + ", " + nodeOrNull() + "]";
  }
}
