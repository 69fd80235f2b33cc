// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.GrpcStatus;
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
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call on one node: takes a node, runs the call wrappers, sends, and reports to its
 * {@link AttemptLoop} exactly once, unless the loop has given it up.
 *
 * <p>Nodes are picked, observed and sent to by code that may cancel the call: after each such step
 * the attempt may have reached a terminal state, and then goes no further.
 *
 * <p>Called by {@code AttemptLoop}; calls the selector's {@link Next} and {@link Transport}.
 * Touched on the context of the call only.
 */
final class Attempt implements Completable<Message> {

  private final AttemptLoop<?> loop;
  private final int number;
  private final Deadline deadline;

  /**
   * The attempts of a call that are open form a list, the latest first; this is the list's link.
   */
  private @Nullable Attempt older;

  private AttemptState state = AttemptState.NEW;
  private @Nullable Pick pick;
  private @Nullable Transport transport;
  private @Nullable Exchange exchange;
  private @Nullable Timer timer;
  private boolean answered;
  private @Nullable RpcException answeredWith;
  private boolean sentBefore;

  /** Attempts of the same call are numbered from 0. */
  Attempt(AttemptLoop<?> loop, int number, Deadline deadline, @Nullable Attempt older) {
    this.loop = loop;
    this.number = number;
    this.deadline = deadline;
    this.older = older;
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

  @Nullable Attempt older() {
    return older;
  }

  /** Returns the list that begins here, without {@code gone}. */
  @Nullable Attempt without(Attempt gone) {
    if (this == gone) {
      return older;
    }
    older = older == null ? null : older.without(gone);
    return this;
  }

  /** Returns the node; there is one from PICKED on. */
  Node node() {
    return Objects.requireNonNull(pick, "no node picked").node();
  }

  @Nullable String nodeId() {
    return pick == null ? null : pick.node().id();
  }

  /** Returns what this attempt has sent last, or null before. */
  @Nullable Exchange exchange() {
    return exchange;
  }

  /** Tells whether any of the request may have left. */
  boolean isSent() {
    return sentBefore || (exchange != null && exchange.isSent());
  }

  /** Takes a node and sends. */
  void start(Next next) {
    if (deadline != loop.deadline()) {
      timer = loop.core().time().timer(deadline.remainingNanos(), this::expired);
    }
    try {
      pickFrom(next);
    } catch (RpcException none) {
      foundNoNode(none);
      return;
    } catch (Throwable thrown) {
      foundNoNode(AttemptLoop.broken("selector", thrown));
      return;
    }
    if (state.isTerminal()) {
      return;
    }
    state = state.to(AttemptState.PICKED);
    loop.core().observer().attemptStarted(loop, number, node());
    if (state.isTerminal()) {
      return;
    }
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
    }
  }

  /** Ends the attempt at the call's deadline: its node did not answer in time. */
  void expire() {
    if (!state.isTerminal()) {
      end(AttemptState.FAILED, Outcome.failed(tooLate()));
    }
  }

  /** Returns what became of this attempt, for the call's error. */
  AttemptFailure describe(RpcException failure) {
    return new AttemptFailure(number, nodeId(), failure.error(), failure.processed(), times());
  }

  /** Returns the failure of an attempt whose time is up. */
  RpcException tooLate() {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "no reply in time")
        .processed(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT)
        .times(times())
        .build();
  }

  /** Returns the failure of an attempt that nobody waits for any more. */
  RpcException givenUp() {
    return RpcException.cancelled("given up with the call")
        .processed(isSent() ? Processed.UNKNOWN : Processed.NOT_SENT)
        .build();
  }

  /** Returns where this attempt's time has gone so far. */
  PhaseTimes times() {
    return exchange == null ? PhaseTimes.NONE : exchange.times();
  }

  /** Takes the first node whose protocol some transport speaks. */
  private void pickFrom(Next next) {
    StringBuilder skipped = null;
    for (int left = Math.max(1, next.size()); left > 0; left--) {
      Pick candidate = next.next();
      if (state.isTerminal()) {
        candidate.done(Outcome.CANCELLED);
        return;
      }
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

  private void foundNoNode(RpcException none) {
    if (!state.isTerminal()) {
      end(AttemptState.FAILED, Outcome.CANCELLED);
      loop.foundNoNode(this, none);
    }
  }

  private void callDirectly() {
    Future<Message> reply;
    try {
      reply = send(loop.message()).reply();
    } catch (Throwable thrown) {
      failed(thrown);
      return;
    }
    reply.onComplete(this);
  }

  /** The reply of an exchange without wrappers around it; comes on the context of the call. */
  @Override
  public void complete(@Nullable Message message, @Nullable Throwable failure) {
    answered = true;
    if (failure == null) {
      nodeAnswers();
    }
    if (state.isTerminal()) {
      return;
    }
    if (failure != null || message == null) {
      failed(failure == null ? nothing("a transport") : failure);
      return;
    }
    Reply<?> reply;
    try {
      reply = loop.read(message, node());
    } catch (RpcException unreadable) {
      fail(unreadable);
      return;
    }
    succeed(reply);
  }

  private void callThrough(CallFunction wrapped) {
    Future<Reply<?>> reply;
    try {
      reply = wrapped.call(new CallContext(this, loop.message().headers()));
      Objects.requireNonNull(reply, "a call wrapper returned null (expected: a future)");
    } catch (Throwable thrown) {
      failed(thrown);
      return;
    }
    loop.onContext(reply, this::succeed, this::failed);
  }

  /** The innermost call function: sends with the headers that the wrappers left. */
  Future<Reply<?>> sendWith(CallContext context) {
    if (Contexts.isHere(loop.context())) {
      return sendHere(context);
    }
    Promise<Reply<?>> reply = Contexts.promise(loop.context());
    loop.context().runOnContext(here -> sendHere(context).onComplete(reply));
    return reply.future();
  }

  private Future<Reply<?>> sendHere(CallContext context) {
    if (state.isTerminal()) {
      return Future.failedFuture(RpcException.cancelled("the attempt has ended").build());
    }
    Message message = loop.message();
    if (!context.metadata().equals(message.headers())) {
      message = message.withHeaders(context.metadata());
    }
    try {
      Exchange sent = send(message);
      return sent.reply()
          .onComplete(done -> answered(sent, done.cause()))
          .map(answer -> loop.read(answer, node()));
    } catch (Throwable thrown) {
      return Future.failedFuture(thrown);
    }
  }

  /** Remembers what the node did, whatever the wrappers make of it. */
  private void answered(Exchange by, @Nullable Throwable failure) {
    if (by == exchange) {
      answered = true;
      if (failure == null) {
        nodeAnswers();
      }
      answeredWith = failure == null ? null : RpcException.from(failure);
    }
  }

  /** The head of a stream is there: how long the stream lives then says nothing of its node. */
  private void nodeAnswers() {
    Pick lease = pick;
    if (lease == null || !loop.isStream() || state.isTerminal()) {
      return;
    }
    try {
      lease.answered();
    } catch (RuntimeException broken) {
      Contexts.report(loop.context(), broken);
    }
  }

  /** Sends; gives up what a wrapper sent before, and what was sent for a call that ended by it. */
  private Exchange send(Message message) {
    if (state == AttemptState.PICKED) {
      state = state.to(AttemptState.SENT);
    }
    if (exchange != null) {
      sentBefore |= exchange.isSent();
      exchange.cancel();
    }
    int before = loop.sentBefore(this) + (sentBefore ? 1 : 0);
    Transport speaks = Objects.requireNonNull(transport, "transport");
    Exchange sent =
        Objects.requireNonNull(
            loop.send(
                this, speaks, loop.carriedBy(speaks, message), loop.plan().sendOptions(before)),
            "a transport returned null (expected: an exchange)");
    exchange = sent;
    if (state.isTerminal()) {
      sent.cancel();
    }
    return sent;
  }

  private void succeed(@Nullable Reply<?> reply) {
    if (state.isTerminal()) {
      return;
    }
    if (reply == null) {
      failed(nothing("a call wrapper"));
      return;
    }
    RpcException misfit = loop.misfit(this, reply);
    if (misfit != null) {
      fail(misfit);
      return;
    }
    if (loop.isStream()) {
      state = state.to(AttemptState.OPEN);
      stopTimer();
    } else {
      end(AttemptState.SUCCEEDED, outcomeOfNode());
    }
    loop.succeeded(this, reply);
  }

  /** Ends the attempt with its stream, which was open. */
  void streamEnded(Outcome outcome) {
    end(
        switch (outcome.kind()) {
          case SUCCESS -> outcome.failure() == null ? AttemptState.SUCCEEDED : AttemptState.FAILED;
          case FAILURE -> AttemptState.FAILED;
          case CANCELLED -> AttemptState.CANCELLED;
        },
        outcome);
  }

  /** Takes the bound off an attempt that has its stream, while the peer may take its time. */
  void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** A wrapper may have answered without the node, or instead of it. */
  private Outcome outcomeOfNode() {
    if (!answered) {
      return Outcome.CANCELLED;
    }
    return answeredWith == null ? Outcome.SUCCESS : Outcome.failed(answeredWith);
  }

  private static RuntimeException nothing(String part) {
    return new NullPointerException(part + " answered null (expected: a reply)");
  }

  private void failed(Throwable thrown) {
    RpcException failure = RpcException.from(thrown);
    boolean foreign = failure != thrown && failure.getCause() == thrown;
    fail(
        foreign && !isSent() ? failure.toBuilder().processed(Processed.NOT_SENT).build() : failure);
  }

  private void expired() {
    timer = null;
    fail(tooLate());
  }

  private void fail(RpcException told) {
    if (!state.isTerminal()) {
      RpcException failure = isEndOfDeadline(told) ? tooLate() : told;
      // What went wrong before anything was handed to a transport says nothing of the node.
      boolean ofNode = exchange != null;
      end(AttemptState.FAILED, ofNode ? Outcome.failed(failure) : untried(failure));
      loop.failed(this, failure);
    }
  }

  /**
   * The server knows the deadline, too, and some say CANCELLED when it comes (go-micro's does).
   * That may be here before our own timer has run.
   */
  private boolean isEndOfDeadline(RpcException told) {
    return told.grpcStatus() == GrpcStatus.CANCELLED && deadline.remainingNanos() <= 0;
  }

  private static Outcome untried(RpcException failure) {
    return new Outcome(Outcome.Kind.CANCELLED, failure);
  }

  /**
   * Reaches a terminal state and releases what the attempt holds, exactly once. Transports and
   * strategies are others' code: what they throw is reported, and the attempt ends all the same.
   */
  private void end(AttemptState terminal, Outcome outcome) {
    AttemptState before = state;
    state = state.to(terminal);
    stopTimer();
    // A stream goes on after its head; one that has ended does not mind.
    if (exchange != null && (!answered || loop.isStream())) {
      giveUp(exchange);
    }
    if (pick != null) {
      giveBack(pick, outcome);
    }
    if (before != AttemptState.NEW) {
      RpcException failure = terminal == AttemptState.SUCCEEDED ? null : outcome.failure();
      loop.core().observer().attemptEnded(loop, number, node(), failure);
    }
  }

  private void giveUp(Exchange unanswered) {
    try {
      unanswered.cancel();
    } catch (RuntimeException broken) {
      Contexts.report(loop.context(), broken);
    }
  }

  private void giveBack(Pick lease, Outcome outcome) {
    try {
      lease.done(outcome);
    } catch (RuntimeException broken) {
      Contexts.report(loop.context(), broken);
    }
    loop.core().observer().released(loop, lease.node());
  }

  @Override
  public String toString() {
    return "Attempt[#" + number + ", " + state + ", " + nodeId() + "]";
  }
}
