// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream: opened by attempts as a call is answered by them, and then held until it ends.
 *
 * <pre>
 * OPENING ---> HANDED OUT ---> OPEN ---> over     requests are written (client, bidirectional)
 *    '-------------------------^ |'----> over     one request, given at the start (server)
 *    '-----------------'---------'-----> over     failed, cancelled, too late
 * </pre>
 *
 * The attempt whose response head comes first is the stream's: it keeps its node until the end.
 * Until then attempts fail and follow one another as those of calls do, with the requests written
 * so far. A stream whose requests are written is handed out before the head, as soon as they can
 * leave: many servers send no head before they have a request.
 *
 * <p>The deadline of the call bounds the time until the caller has the stream; then that of the
 * stream holds, if there is one.
 *
 * <p>Made by {@link RuntimeRpcClient}; calls {@link Transport#open} and tells {@link CallStream}.
 */
final class StreamCall<Q, R> extends AttemptLoop<RpcStream<Q, R>> {

  private final Request<Q, R> request;
  private final boolean oneRequest;
  private final Deadline life;
  private final CallStream<Q, R> stream;

  // Touched on the context of the call only.
  private @Nullable Codec codec;
  private @Nullable Attempt latest;
  private @Nullable Attempt served;
  private @Nullable StreamExchange writing;
  private @Nullable Timer lifeTimer;
  private @Nullable Timer idleTimer;
  private long touchedNanos;
  private boolean handedOut;
  private boolean over;

  /**
   * Makes a stream that is not opened yet.
   *
   * @param opening when it is to be open at the latest
   * @param life when it ends at the latest, behind {@code opening} or the same
   */
  StreamCall(
      ClientCore core,
      CallPlan plan,
      Request<Q, R> request,
      Metadata metadata,
      Deadline opening,
      Deadline life,
      Caller caller) {
    super(core, plan, request, metadata, opening, caller);
    this.request = request;
    this.oneRequest = request.body() != null;
    this.life = life;
    this.stream = new CallStream<>(this, plan.maxReplayBytes());
  }

  // ---- opening

  @Override
  boolean isStream() {
    return true;
  }

  @Override
  boolean isReplayable() {
    return oneRequest || stream.isReplayable();
  }

  /** Several attempts at a time are for streams whose request is known. */
  @Override
  boolean hedges() {
    return oneRequest && plan().hedges();
  }

  @Override
  Message encode() {
    Message message = CallBody.encode(core(), plan(), request, metadata());
    codec = core().codecs().get(message.contentType());
    if (oneRequest) {
      stream.fill(message.body());
    }
    return message;
  }

  @Override
  Exchange send(Attempt attempt, Transport by, Message message, SendOptions options) {
    SendOptions known = oneRequest ? options.withOneRequest() : options;
    StreamExchange opening = by.open(attempt.node(), message, life, known);
    latest = attempt;
    writing = opening;
    stream.replayOn(opening);
    if (!oneRequest) {
      stream.writeTo(opening);
      opening.opened().onSuccess(ready -> opened(attempt, opening));
    }
    return opening;
  }

  /** Requests can leave: the caller gets the stream, though the server may not have answered. */
  private void opened(Attempt attempt, StreamExchange by) {
    if (writing != by || attempt.state().isTerminal()) {
      return;
    }
    attempt.stopTimer();
    if (!handedOut && !isEnded()) {
      extend(life);
      handOut();
    }
  }

  private void handOut() {
    if (!handedOut) {
      handedOut = true;
      armIdle();
      tellSuccess(stream);
    }
  }

  /** An attempt that follows once the stream is handed out has as long as the first ones had. */
  @Override
  Deadline attemptDeadline() {
    return handedOut
        ? Deadline.afterNanos(plan().timeoutNanos(), core().time()).min(deadline())
        : super.attemptDeadline();
  }

  @Override
  Reply<?> read(Message answer, Node node) {
    return Reply.of(stream, answer.headers(), Metadata.empty(), node);
  }

  @Override
  @Nullable RpcException misfit(Attempt attempt, Reply<?> answer) {
    Exchange by = attempt.exchange();
    if (answer.body() == stream && by != null && by.reply().succeeded()) {
      return null;
    }
    return RpcException.client(
            GrpcStatus.INTERNAL,
            "a call wrapper answered a stream itself (expected: the reply that it was given)")
        .processed(by != null && by.isSent() ? Processed.UNKNOWN : Processed.NOT_SENT)
        .build();
  }

  @Override
  void failed(Attempt attempt, RpcException failure) {
    if (!oneRequest) {
      stream.detach();
    }
    super.failed(attempt, failure);
  }

  /** The response head is there. */
  @Override
  void committed(Attempt attempt, Reply<?> answer) {
    StreamExchange by = (StreamExchange) Objects.requireNonNull(attempt.exchange(), "exchange");
    latest = attempt;
    served = attempt;
    if (!life.isNone()) {
      lifeTimer = core().time().timer(life.remainingNanos(), this::lifeIsOver);
    }
    core().observer().streamOpened(this, attempt.node());
    if (over) {
      return;
    }
    touch();
    stream.commit(by, answer.headers());
    if (!over) {
      handOut();
    }
    by.trailers().onComplete(this::endedWell, this::lost);
  }

  // ---- open

  Node node() {
    return Objects.requireNonNull(latest, "latest").node();
  }

  /**
   * Encodes a request.
   *
   * @throws RpcException if that fails, or it is too large
   */
  Buffer encode(Q message) {
    return CallBody.bytes(Objects.requireNonNull(codec, "codec"), message, plan());
  }

  /**
   * Decodes a reply.
   *
   * @throws RpcException if that fails
   */
  R decode(Buffer body) {
    return CallBody.value(Objects.requireNonNull(codec, "codec"), body, request.replyType());
  }

  /** Notes that a message went one way or the other. */
  void touch() {
    if (idleTimer != null) {
      touchedNanos = core().time().nanoTime();
    }
  }

  private void armIdle() {
    long most = plan().idleTimeoutNanos();
    if (most > 0 && !over) {
      touchedNanos = core().time().nanoTime();
      idleTimer = core().time().timer(most, this::checkIdle);
    }
  }

  private void checkIdle() {
    idleTimer = null;
    long most = plan().idleTimeoutNanos();
    long left = most - (core().time().nanoTime() - touchedNanos);
    if (left > 0) {
      idleTimer = core().time().timer(left, this::checkIdle);
    } else {
      giveUp(tooLate("no message in " + most / 1_000_000 + " ms, see idleTimeout"));
    }
  }

  private void lifeIsOver() {
    lifeTimer = null;
    RpcException late = tooLate("deadline exceeded");
    finish(late, new Outcome(Outcome.Kind.CANCELLED, late), Metadata.empty());
  }

  private RpcException tooLate(String why) {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, why).processed(processed()).build();
  }

  private Processed processed() {
    return latest != null && latest.isSent() ? Processed.UNKNOWN : Processed.NOT_SENT;
  }

  // ---- the end

  @Override
  void giveUp(RpcException why) {
    Attempt open = served;
    if (open == null) {
      fail(why);
      return;
    }
    boolean ours = why.processed() == Processed.NOT_SENT;
    RpcException failure = ours ? why.toBuilder().processed(processed()).build() : why;
    boolean nodes = why.grpcStatus() == GrpcStatus.DEADLINE_EXCEEDED || !ours;
    finish(failure, nodes ? Outcome.failed(failure) : Outcome.CANCELLED, Metadata.empty());
  }

  private void endedWell(Metadata last) {
    finish(null, Outcome.SUCCESS, last);
  }

  private void lost(Throwable lost) {
    RpcException failure = RpcException.from(lost);
    finish(failure, Outcome.failed(failure), Metadata.empty());
  }

  /** Ends a stream that was open, once: the node is given back, then the caller is told. */
  private void finish(@Nullable RpcException failure, Outcome outcome, Metadata last) {
    Attempt open = served;
    if (over || open == null) {
      return;
    }
    over = true;
    RpcException told = null;
    if (failure != null) {
      remember(open, failure);
      told = CallFailure.of(this, failure, false);
    }
    cancelTimers();
    open.streamEnded(outcome);
    core().openCalls().makeRoom(this);
    core().observer().streamEnded(this, open.node(), told);
    core().observer().callEnded(this, told, started());
    tell(told, last);
    core().openCalls().remove(this);
  }

  @Override
  void tellFailure(RpcException told) {
    over = true;
    cancelTimers();
    tell(told, Metadata.empty());
  }

  /** A stream that failed before it was handed out is the failure of the call. */
  private void tell(@Nullable RpcException told, Metadata last) {
    if (!handedOut && told != null) {
      handedOut = true;
      super.tellFailure(told);
    }
    handOut();
    stream.end(told, last);
  }

  private void cancelTimers() {
    if (lifeTimer != null) {
      lifeTimer.cancel();
      lifeTimer = null;
    }
    if (idleTimer != null) {
      idleTimer.cancel();
      idleTimer = null;
    }
  }
}
